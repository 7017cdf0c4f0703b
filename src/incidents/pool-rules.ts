import { ACCOUNT_METER, type PoolId } from '../core/index.js';
import { quotaVerdict, type AccountState } from '../upstream/index.js';
import type { Finding } from './finding.js';
import type { POOL_STATES, RuleParams } from './rule-params.js';
import { unusableReason, type UnusableReason } from './usable.js';
import type { Watched, WatchedPool } from './watched.js';

type PoolState = (typeof POOL_STATES)[number];
type Member = AccountState;

const DAY_MINUTES = 1_440;

export function noUsableAccounts(params: RuleParams<'pool_no_usable_accounts'>, watched: Watched): Finding[] {
  return lowUsable({ ...params, minUsable: 1 }, watched, 'no_usable_accounts');
}

export function lowUsableAccounts(params: RuleParams<'pool_low_usable_accounts'>, watched: Watched): Finding[] {
  return lowUsable(params, watched, 'low_usable_accounts');
}

/** Pools that never were given an account are not in need of one yet. */
function lowUsable(params: RuleParams<'pool_low_usable_accounts'>, watched: Watched, reason: string): Finding[] {
  const { poolId, minUsable, model, routeClass } = params;
  return poolsOf(watched, poolId).flatMap((pool) => {
    const all = watched.accounts.filter((account) => placeOf(account, pool.id) !== undefined);
    const reasons = all.map((account): UnusableReason | undefined =>
      placeOf(account, pool.id)?.status === 'active'
        ? unusableReason(account, { model, routeClass }, watched.nowMs)
        : 'paused',
    );
    const usable = reasons.filter((each) => each === undefined).length;
    if (all.length === 0 || usable >= minUsable) return [];
    const evidence = {
      usable,
      accounts: all.length,
      minUsable,
      unusable: counted(reasons.filter((each) => each !== undefined)),
      ...(model !== undefined && { model }),
      ...(routeClass !== undefined && { routeClass }),
    };
    return [{ target: poolTarget(pool), reason, evidence }];
  });
}

export function allInState(params: RuleParams<'pool_all_accounts_in_state'>, watched: Watched): Finding[] {
  return poolsOf(watched, params.poolId).flatMap((pool) => {
    const members = watched.accounts.filter(
      (account) =>
        placeOf(account, pool.id)?.status === 'active' && ['active', 'login_required'].includes(account.status),
    );
    if (members.length === 0 || !members.every((member) => isIn(params.state, member, watched.nowMs))) return [];
    const evidence = { state: params.state, accounts: members.length };
    return [{ target: poolTarget(pool), reason: `all_${params.state}`, evidence }];
  });
}

function isIn(state: PoolState, account: Member, nowMs: number): boolean {
  if (state === 'login_required') return account.status === 'login_required';
  if (state === 'refresh_failed') return ['failed', 'outcome_unknown'].includes(account.refreshState);
  // Nobody tells how much is left of what is paid for by the call.
  if (account.metered) return false;
  const { verdict, evidence } = quotaVerdict(account, '', nowMs);
  switch (state) {
    case 'missing_evidence':
      return evidence === undefined && verdict === 'unknown';
    case 'stale':
      return evidence !== undefined && verdict === 'unknown';
    case 'weekly_only':
      return isWeeklyOnly(account);
    case 'exhausted':
      return verdict === 'block';
  }
}

function isWeeklyOnly({ windows }: Member): boolean {
  const own = windows.filter(({ limitId }) => limitId === ACCOUNT_METER);
  return own.length > 0 && own.every(({ windowMinutes }) => windowMinutes >= DAY_MINUTES);
}

export const poolsOf = ({ pools }: Watched, poolId: string | undefined): readonly WatchedPool[] =>
  poolId === undefined ? pools : pools.filter(({ id }) => id === poolId);

export const poolTarget = ({ id, slug }: WatchedPool): Finding['target'] => ({
  kind: 'pool',
  id,
  label: slug,
  poolIds: [id],
});

const placeOf = ({ assignments }: Member, poolId: PoolId) => assignments.find((place) => place.poolId === poolId);

function counted(reasons: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
