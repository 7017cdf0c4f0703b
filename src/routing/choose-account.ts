import type { RoutedCall, AccountId, PoolPolicy } from '../core/index.js';
import type { AccountSnapshot } from '../upstream/index.js';

/** Why an account may not serve a call. Stored on the request row, so that "why not this one" has an answer later. */
export type ExclusionReason = 'paused' | 'model_not_served' | 'cooling_down' | 'quota_exhausted';

export interface Exclusion {
  readonly accountId: AccountId;
  readonly label: string;
  readonly reason: ExclusionReason;
  /** Unix time in milliseconds at which the reason ends by itself; absent when only an operator can end it. */
  readonly clearsAtMs?: number;
}

export interface Choice {
  /** Best first. */
  readonly candidates: readonly AccountSnapshot[];
  readonly exclusions: readonly Exclusion[];
}

const QUOTA = 'upstream_quota_exhausted';

/** Used percentage of the fullest window that is still running; 0 when nothing is known. */
const pressure = (account: AccountSnapshot, nowMs: number): number =>
  Math.max(0, ...account.windows.map((window) => (window.resetsAtMs <= nowMs ? 0 : window.usedPercent)));

const spentUntil = (account: AccountSnapshot, nowMs: number): number =>
  Math.max(
    0,
    ...account.windows.map((window) =>
      window.resetsAtMs > nowMs && window.usedPercent >= 100 ? window.resetsAtMs : 0,
    ),
  );

const serves = (account: AccountSnapshot, call: Pick<RoutedCall, 'model'>, pool: PoolPolicy): boolean =>
  pool.allowUnlistedModels || account.models === undefined || account.models.has(call.model.trim().toLowerCase());

function exclusionOf(
  account: AccountSnapshot,
  call: Pick<RoutedCall, 'model'>,
  pool: PoolPolicy,
  nowMs: number,
): Exclusion | undefined {
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
 * all the same: a doubtful account is better than a certain refusal.
 *
 * @param accounts one Pool's accounts, as of `nowMs`; at most a few hundred. Not modified. O(n log n), no I/O.
 * @param pinned   the account that last served the call's session, if any
 * @param nowMs    Unix time in milliseconds
 * @see the quota windows as Codex reports them: the `x-codex-primary-*` and `x-codex-secondary-*` response headers
 */
export function chooseAccount(
  accounts: readonly AccountSnapshot[],
  call: Pick<RoutedCall, 'model'>,
  pool: PoolPolicy,
  pinned: AccountId | undefined,
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
      Number(b.id === pinned) - Number(a.id === pinned) ||
      pressure(a, nowMs) - pressure(b, nowMs) ||
      a.openExchanges - b.openExchanges ||
      (a.id < b.id ? -1 : 1),
  );
  return { candidates: candidates.length > 0 ? candidates : lastResort(accounts, exclusions), exclusions };
}

/** The account whose short cooldown ends first, alone; [] when every exclusion has a better reason. */
function lastResort(accounts: readonly AccountSnapshot[], exclusions: readonly Exclusion[]): AccountSnapshot[] {
  const first = exclusions
    .filter((exclusion) => exclusion.reason === 'cooling_down')
    .sort((a, b) => (a.clearsAtMs ?? 0) - (b.clearsAtMs ?? 0))[0];
  const account = accounts.find((candidate) => candidate.id === first?.accountId);
  return account ? [account] : [];
}
