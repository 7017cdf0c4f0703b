import { z } from 'zod';
import { ROUTE_CLASSES } from '../core/index.js';

const id = z.uuid();
const model = z.string().trim().toLowerCase().min(1).max(200);
const percent = z.number().min(1).max(100);
const minutes = z.number().int().min(1).max(1_440);

const serving = { poolId: id.optional(), model: model.optional(), routeClass: z.enum(ROUTE_CLASSES).optional() };
const errors = {
  percent: percent.default(25),
  minCalls: z.number().int().min(1).default(20),
  minutes: minutes.default(15),
};

export const POOL_STATES = [
  'missing_evidence',
  'stale',
  'weekly_only',
  'exhausted',
  'login_required',
  'refresh_failed',
] as const;
export const QUOTA_WINDOWS = [
  'account_primary',
  'account_secondary',
  'model_primary',
  'model_secondary',
  'any',
] as const;
export const AUTH_STATES = ['login_required', 'refresh_failed', 'outcome_unknown', 'any'] as const;

/** What each kind of rule may be told. What names no Pool, account, key or job looks at all of them. */
export const RULE_PARAMS = {
  /** No account of a Pool can serve a call. */
  pool_no_usable_accounts: z.strictObject(serving),
  /** Fewer accounts of a Pool than this can. */
  pool_low_usable_accounts: z.strictObject({ ...serving, minUsable: z.number().int().min(1).max(10_000) }),
  /** All accounts of a Pool are in one state. */
  pool_all_accounts_in_state: z.strictObject({ poolId: id.optional(), state: z.enum(POOL_STATES) }),
  /** A window of an account is this full. Windows shorter than a day are primary, the others secondary. */
  account_quota_threshold: z.strictObject({
    accountId: id.optional(),
    window: z.enum(QUOTA_WINDOWS).default('any'),
    percent: percent.default(90),
  }),
  /** An account's login is in this state. */
  account_auth_state: z.strictObject({ accountId: id.optional(), state: z.enum(AUTH_STATES).default('any') }),
  /** A limit of a key, or of a Pool, is this much used; absent: from where its operator wanted to be warned, or 80. */
  key_budget_threshold: z.strictObject({ keyId: id.optional(), poolId: id.optional(), percent: percent.optional() }),
  /** Of a key's calls this many failed or were refused. */
  key_error_rate: z.strictObject({ keyId: id.optional(), ...errors }),
  /** Of a Pool's calls that were given to an account this many failed. */
  pool_error_rate: z.strictObject({ poolId: id.optional(), ...errors }),
  /** An access token ends within this time; absent: half the time before its end at which it should have been refreshed. */
  token_expiring_soon: z.strictObject({
    accountId: id.optional(),
    minutes: z.number().int().min(1).max(43_200).optional(),
  }),
  /** A job that is done for all has failed, without a success for this long. */
  job_failing: z.strictObject({ job: z.string().max(100).optional(), minutes: minutes.default(15) }),
} as const;

export type RuleKind = keyof typeof RULE_PARAMS;
export type RuleParams<Kind extends RuleKind = RuleKind> = z.infer<(typeof RULE_PARAMS)[Kind]>;

export const RULE_KINDS = Object.keys(RULE_PARAMS) as readonly RuleKind[];

export const isRuleKind = (name: string): name is RuleKind => Object.hasOwn(RULE_PARAMS, name);

/** Params as they hold, with what was not said. @throws RuleRefused */
export function paramsOf(kind: RuleKind, given: unknown): RuleParams {
  const parsed = RULE_PARAMS[kind].safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RuleRefused(`${kind}: ${issue?.path.join('.') || 'params'}: ${issue?.message ?? 'not valid'}`);
}

/** A rule that makes no sense, or whose name is taken; `message` is for its operator. */
export class RuleRefused extends Error {
  override readonly name = 'RuleRefused';
}

/** It would make sense, but not beside another one of its name. */
export class RuleConflict extends RuleRefused {}
