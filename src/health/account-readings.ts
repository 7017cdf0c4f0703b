import type { PoolId } from '../core/index.js';
import { ACCOUNT_METER } from '../core/index.js';
import { unusableReason } from '../incidents/index.js';
import type { Readings } from '../platform/metrics/index.js';
import { capacityOf, type AccountState } from '../upstream/index.js';

/** The windows that plans have. Upstreams were seen to be off by one. */
const NAMED = [
  [300, '5h'],
  [10_080, '7d'],
  [43_200, '30d'],
] as const;
const SLACK_MINUTES = 2;

interface Installation {
  readonly accounts: readonly AccountState[];
  readonly pools: readonly { readonly id: PoolId; readonly slug: string }[];
  /** What an account may serve at once that says nothing of it. */
  readonly defaultCap: number;
}

/** What metrics say of accounts and Pools, of what the database says of them. */
export function accountReadings({ accounts, pools, defaultCap }: Installation, nowMs: number): Readings {
  return {
    ...quotaReadings(accounts, nowMs),
    gw_account_state: accounts.map((account) => ({
      labels: { account: account.label, state: stateOf(account, nowMs) },
      value: 1,
    })),
    gw_account_cap: accounts.map(({ label, maxConcurrent }) => ({
      labels: { account: label },
      value: maxConcurrent ?? defaultCap,
    })),
    gw_token_expiry_seconds: accounts.flatMap(({ label, accessTokenExpiresAtMs: at }) =>
      at === undefined ? [] : [{ labels: { account: label }, value: (at - nowMs) / 1000 }],
    ),
    gw_circuit_state: accounts.flatMap(({ lanes }) =>
      lanes.map(({ routeClass, state }) => ({ labels: { route_class: routeClass, state }, value: 1 })),
    ),
    gw_pool_accounts_usable: pools.map(({ id, slug }) => ({
      labels: { pool: slug },
      value: inPool(accounts, id).filter((account) => unusableReason(account, {}, nowMs) === undefined).length,
    })),
    gw_pool_headroom_ratio: pools.flatMap(({ id, slug }) => headroomOf(slug, inPool(accounts, id), nowMs)),
  };
}

function quotaReadings(accounts: readonly AccountState[], nowMs: number): Readings {
  const windows = accounts.flatMap(({ label, windows: own }) =>
    own.map((window) => ({ window, labels: { account: label, window: windowName(window) } })),
  );
  const running = windows.filter(({ window }) => window.resetsAtMs > nowMs);
  return {
    gw_account_quota_used_ratio: windows.map(({ window: { usedPercent, resetsAtMs }, labels }) => ({
      labels,
      value: resetsAtMs > nowMs ? usedPercent / 100 : 0,
    })),
    gw_account_quota_reset_seconds: running.map(({ window, labels }) => ({
      labels,
      value: (window.resetsAtMs - nowMs) / 1000,
    })),
    gw_account_quota_age_seconds: windows.map(({ window, labels }) => ({
      labels,
      value: Math.max(0, nowMs - window.observedAtMs) / 1000,
    })),
  };
}

function stateOf({ status, refreshState, coolingUntilMs = 0 }: AccountState, nowMs: number): string {
  if (status !== 'active') return status;
  if (refreshState === 'failed' || refreshState === 'outcome_unknown') return 'refresh_failing';
  return coolingUntilMs > nowMs ? 'cooling_down' : 'active';
}

/** Those that serve the Pool, as far as nobody has paused them there. */
const inPool = (accounts: readonly AccountState[], poolId: PoolId): AccountState[] =>
  accounts.filter(({ assignments }) => assignments.some((at) => at.poolId === poolId && at.status === 'active'));

function headroomOf(pool: string, accounts: readonly AccountState[], nowMs: number) {
  const measured = accounts.map(({ status, coolingUntilMs = 0, windows, meters }) => ({
    status: status === 'active' ? status : ('paused' as const),
    coolingUntilMs,
    windows,
    meters,
  }));
  const { limitId, windows, others } = capacityOf(measured, nowMs);
  return [{ limitId, windows }, ...others].flatMap((meter) =>
    meter.windows.map(({ windowMinutes, usedPercent }) => ({
      labels: { pool, window: windowName({ limitId: meter.limitId, windowMinutes }) },
      value: 1 - usedPercent / 100,
    })),
  );
}

/** `5h`, `7d`; of a meter beside the account's own with its name in front. */
function windowName({ limitId, windowMinutes }: { readonly limitId: string; readonly windowMinutes: number }): string {
  const named = NAMED.find(([minutes]) => Math.abs(minutes - windowMinutes) <= SLACK_MINUTES);
  const length = named?.[1] ?? `${String(windowMinutes)}m`;
  return limitId === ACCOUNT_METER ? length : `${limitId} ${length}`;
}
