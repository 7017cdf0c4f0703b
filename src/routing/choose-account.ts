import {
  ACCOUNT_METER,
  OPERATIONS,
  type AccountId,
  type PoolPolicy,
  type QuotaWindow,
  type RoutedCall,
} from '../core/index.js';
import type { AccountSnapshot } from '../upstream/index.js';

/** Why an account may not serve a call. Stored on the request row, so that "why not this one" has an answer later. */
export type ExclusionReason =
  'paused' | 'draining' | 'login_required' | 'model_not_served' | 'cooling_down' | 'quota_exhausted';

export interface Exclusion {
  readonly accountId: AccountId;
  readonly label: string;
  readonly reason: ExclusionReason;
  /** Unix time in milliseconds at which the reason ends by itself; absent when only an operator can end it. */
  readonly clearsAtMs?: number;
}

/** The account that a call goes on with: by preference, or because nobody else can. */
export interface Pin {
  readonly id: AccountId;
  readonly required: boolean;
}

export interface Choice {
  /** Best first. */
  readonly candidates: readonly AccountSnapshot[];
  readonly exclusions: readonly Exclusion[];
  /** The only account that may be asked, when there is such a one. */
  readonly required?: AccountId;
  /** Whether accounts other than the required one could serve the call, were it not bound. */
  readonly elsewhere: boolean;
}

/** What a choice looks at in a call. */
export type Wanted = Pick<RoutedCall, 'model' | 'operation'>;

const QUOTA = 'upstream_quota_exhausted';

/** Those of the account's own use: a meter of one model stops nobody from serving the others. */
const ownWindows = ({ windows }: AccountSnapshot): readonly QuotaWindow[] =>
  windows.filter(({ limitId }) => limitId === ACCOUNT_METER);

/** Used percentage of the fullest window that is still running; 0 when nothing is known. */
const pressure = (account: AccountSnapshot, nowMs: number): number =>
  Math.max(0, ...ownWindows(account).map((window) => (window.resetsAtMs <= nowMs ? 0 : window.usedPercent)));

const spentUntil = (account: AccountSnapshot, nowMs: number): number =>
  Math.max(
    0,
    ...ownWindows(account).map((window) =>
      window.resetsAtMs > nowMs && window.usedPercent >= 100 ? window.resetsAtMs : 0,
    ),
  );

function serves({ models }: AccountSnapshot, call: Wanted, pool: PoolPolicy): boolean {
  const rule = OPERATIONS[call.operation].model;
  if (rule === 'none' || models === undefined) return true;
  if (rule === 'hosted') return models.size > 0;
  return pool.allowUnlistedModels || models.has(call.model.trim().toLowerCase());
}

function exclusionOf(account: AccountSnapshot, call: Wanted, pool: PoolPolicy, nowMs: number): Exclusion | undefined {
  const because = (reason: ExclusionReason, clearsAtMs?: number): Exclusion => ({
    accountId: account.id,
    label: account.label,
    reason,
    ...(clearsAtMs === undefined ? {} : { clearsAtMs }),
  });
  if (account.status !== 'active') return because(account.status);
  if (!serves(account, call, pool)) return because('model_not_served');
  const spentUntilMs = spentUntil(account, nowMs);
  if (account.coolingUntilMs > nowMs) {
    const quota = account.coolingReason === QUOTA;
    return because(quota ? 'quota_exhausted' : 'cooling_down', Math.max(account.coolingUntilMs, spentUntilMs));
  }
  return spentUntilMs > 0 ? because('quota_exhausted', spentUntilMs) : undefined;
}

/**
 * Order the accounts that a call may try, best first, and say of every other one why not.
 *
 * An account is eligible when it is active, serves `call.model`, is not cooling down, and has room in every quota window
 * (`usedPercent` < 100, or the window has already reset). Eligible accounts are ordered by: the one that last served the
 * session (prompt cache, encrypted reasoning), then the lowest percentage of their fullest window, then the fewest open
 * exchanges, then id, so that equal inputs always give equal output.
 *
 * When nothing is eligible but some account only sits out a short cooldown, the one whose cooldown ends first is tried
 * all the same: a doubtful account is better than a certain refusal. A required account is a candidate alone or nobody is.
 *
 * @param accounts one Pool's accounts, as of `nowMs`; at most a few hundred. Not modified. O(n log n), no I/O.
 * @param pin      the account that last served the call's session, or that holds what the call goes on from
 * @param nowMs    Unix time in milliseconds
 * @see the quota windows as Codex reports them: the `x-codex-primary-*` and `x-codex-secondary-*` response headers
 */
export function chooseAccount(
  accounts: readonly AccountSnapshot[],
  call: Wanted,
  pool: PoolPolicy,
  pin: Pin | undefined,
  nowMs: number,
): Choice {
  const exclusions: Exclusion[] = [];
  const eligible: AccountSnapshot[] = [];
  for (const account of accounts) {
    const exclusion = exclusionOf(account, call, pool, nowMs);
    if (exclusion) exclusions.push(exclusion);
    else eligible.push(account);
  }
  const candidates = eligible.sort(
    (a, b) =>
      Number(b.id === pin?.id) - Number(a.id === pin?.id) ||
      pressure(a, nowMs) - pressure(b, nowMs) ||
      a.openExchanges - b.openExchanges ||
      (a.id < b.id ? -1 : 1),
  );
  if (pin?.required === true) return bound(pin.id, accounts, candidates, exclusions);
  return {
    candidates: candidates.length > 0 ? candidates : lastResort(accounts, exclusions),
    exclusions,
    elsewhere: false,
  };
}

function bound(
  id: AccountId,
  accounts: readonly AccountSnapshot[],
  eligible: readonly AccountSnapshot[],
  exclusions: readonly Exclusion[],
): Choice {
  const own = eligible.filter((account) => account.id === id);
  const of = exclusions.filter((exclusion) => exclusion.accountId === id);
  return {
    candidates: own.length > 0 ? own : lastResort(accounts, of),
    exclusions,
    required: id,
    elsewhere: eligible.length > own.length,
  };
}

/** The account whose short cooldown ends first, alone; [] when every exclusion has a better reason. */
function lastResort(accounts: readonly AccountSnapshot[], exclusions: readonly Exclusion[]): AccountSnapshot[] {
  const first = exclusions
    .filter((exclusion) => exclusion.reason === 'cooling_down')
    .sort((a, b) => (a.clearsAtMs ?? 0) - (b.clearsAtMs ?? 0))[0];
  const account = accounts.find((candidate) => candidate.id === first?.accountId);
  return account ? [account] : [];
}
