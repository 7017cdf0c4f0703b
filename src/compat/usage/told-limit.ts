import { DAY_MS, midnightOf, type LimitStatus } from '../../accounting/index.js';
import { usdOf } from '../../core/index.js';

type Words = readonly [type: string, window: string];

const WORDS: Readonly<Record<LimitStatus['limit'], Words>> = {
  requests_per_minute: ['requests', 'minute'],
  tokens_per_day: ['total_tokens', 'daily'],
  tokens_per_week: ['total_tokens', 'weekly'],
  usd_per_day: ['cost_usd', 'daily'],
  usd_per_week: ['cost_usd', 'weekly'],
  usd_per_month: ['cost_usd', 'monthly'],
  max_input_tokens: ['input_tokens', 'request'],
  max_output_tokens: ['output_tokens', 'request'],
};

/** The limit that a client may take for its plan's: the tokens of a key and a day, of any model. */
export const isDailyTokens = ({ limit, scope, model }: LimitStatus): boolean =>
  limit === 'tokens_per_day' && scope === 'key' && model === undefined;

/**
 * As `GET /v1/usage` lists a limit; the daily tokens twice, once as the credits that other clients look for. Source:
 * runtime contract §12.3.
 *
 * @param nowMs Unix time in milliseconds
 */
export function limitBodies(status: LimitStatus, nowMs: number): object[] {
  const body = bodyOf(status, nowMs);
  return isDailyTokens(status) ? [body, { ...body, limit_type: 'credits', source: 'api_key_compatibility' }] : [body];
}

function bodyOf(status: LimitStatus, nowMs: number): object {
  const [type, window] = WORDS[status.limit];
  const shown = (amount: number): number => (type === 'cost_usd' ? Number(usdOf(amount)) : amount);
  const counted = status.window !== 'request';
  const resetsAtMs = resetOf(status, nowMs);
  return {
    limit_type: type,
    limit_window: window,
    max_value: shown(status.max),
    current_value: counted ? shown(status.current) : null,
    remaining_value: counted ? shown(status.remaining) : null,
    model_filter: status.model ?? null,
    reset_at: resetsAtMs === undefined ? null : toSecond(resetsAtMs),
    source: status.scope === 'key' ? 'api_key_limit' : 'pool_limit',
  };
}

/** Unix time in milliseconds. A day ends whether anything of it was used or not. */
export const resetOf = ({ window, resetsAtMs }: LimitStatus, nowMs: number): number | undefined =>
  window === 'day' ? midnightOf(nowMs) + DAY_MS : resetsAtMs;

/** ISO 8601, the full second at or after it. */
export const toSecond = (ms: number): string =>
  new Date(Math.ceil(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
