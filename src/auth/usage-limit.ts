import { normalModel, type KeyId, type PoolId, type UsageLimit } from '../core/index.js';
import { KeyRefused } from './key-refused.js';
import { nameOf } from './key-policy.js';
import { nanoUsdOf } from './nano-usd.js';
import type { UsageLimitRow } from './usage-limit.entity.js';

/** What an operator may say of a limit. What is absent stays as it is; `null` takes it away. Money is in USD. */
export interface LimitValues {
  readonly requestsPerMinute?: number | null;
  readonly tokensPerDay?: number | null;
  readonly tokensPerWeek?: number | null;
  readonly maxInputTokens?: number | null;
  readonly maxOutputTokens?: number | null;
  readonly usdPerDay?: string | number | null;
  readonly usdPerWeek?: string | number | null;
  readonly usdPerMonth?: string | number | null;
  /** 1–100. */
  readonly warnPercent?: number | null;
}

/** Whose limit it is. */
export type LimitOwner =
  { readonly keyId: KeyId; readonly poolId?: undefined } | { readonly poolId: PoolId; readonly keyId?: undefined };

const COUNTS = {
  requestsPerMinute: 'requests_per_minute',
  maxInputTokens: 'max_input_tokens',
  maxOutputTokens: 'max_output_tokens',
  warnPercent: 'warn_percent',
  tokensPerDay: 'tokens_per_day',
  tokensPerWeek: 'tokens_per_week',
} as const;
const BUDGETS = {
  usdPerDay: 'nano_usd_per_day',
  usdPerWeek: 'nano_usd_per_week',
  usdPerMonth: 'nano_usd_per_month',
} as const;

/** Of those that are kept in 4 bytes. */
const MAX_COUNT = 2 ** 31 - 1;
const MOST: Readonly<Record<string, number>> = {
  warnPercent: 100,
  tokensPerDay: Number.MAX_SAFE_INTEGER,
  tokensPerWeek: Number.MAX_SAFE_INTEGER,
};

/** Every column that says something of a limit. */
export const LIMIT_COLUMNS: readonly string[] = [...Object.values(COUNTS), ...Object.values(BUDGETS)];

/**
 * Columns of a limit and what is said of them.
 *
 * @throws KeyRefused for what is no limit
 */
export function limitColumns(values: LimitValues): readonly (readonly [column: string, value: number | null])[] {
  const counts = Object.entries(COUNTS).flatMap(([name, column]) => {
    const value = values[name as keyof typeof COUNTS];
    return value === undefined ? [] : [[column, value === null ? null : counted(name, value)] as const];
  });
  const budgets = Object.entries(BUDGETS).flatMap(([name, column]) => {
    const value = values[name as keyof typeof BUDGETS];
    return value === undefined ? [] : [[column, value === null ? null : nanoUsdOf(value)] as const];
  });
  return [...counts, ...budgets];
}

/** A pattern as it is kept; `null`: every model. @throws KeyRefused for none at all */
export const limitModel = (model: string | undefined): string | null =>
  model === undefined ? null : normalModel(nameOf(model, 'model of a limit'));

function counted(name: string, value: number): number {
  const most = MOST[name] ?? MAX_COUNT;
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  throw new KeyRefused(`${name} is a whole number from 1 to ${most}.`);
}

/** A limit as calls are measured by. */
export function usageLimitOf(row: UsageLimitRow): UsageLimit {
  const values = {
    model: row.model,
    requestsPerMinute: row.requestsPerMinute,
    tokensPerDay: whole(row.tokensPerDay),
    tokensPerWeek: whole(row.tokensPerWeek),
    maxInputTokens: row.maxInputTokens,
    maxOutputTokens: row.maxOutputTokens,
    nanoUsdPerDay: whole(row.nanoUsdPerDay),
    nanoUsdPerWeek: whole(row.nanoUsdPerWeek),
    nanoUsdPerMonth: whole(row.nanoUsdPerMonth),
    warnPercent: row.warnPercent,
  };
  const said = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
  const owner = row.keyId === null ? { scope: 'pool', id: row.poolId } : { scope: 'key', id: row.keyId };
  return { ...owner, ...said } as UsageLimit;
}

const whole = (text: string | null): number | null => (text === null ? null : Number(text));
