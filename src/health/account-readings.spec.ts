import { ACCOUNT_METER, type AccountId, type PoolId } from '../core/index.js';
import type { AccountState } from '../upstream/index.js';
import { accountReadings } from './account-readings.js';

const NOW = 1_700_000_000_000;
const [TEAM, EMPTY] = [
  { id: 'pool-a' as PoolId, slug: 'team' },
  { id: 'pool-b' as PoolId, slug: 'empty' },
];

const window = (windowMinutes: number, usedPercent: number, resetsInMs: number, limitId: string = ACCOUNT_METER) => ({
  ...{ limitId, windowMinutes, usedPercent, resetsAtMs: NOW + resetsInMs },
  ...{ source: 'headers' as const, observedAtMs: NOW - 5_000 },
});

const account = (label: string, over: Partial<AccountState> = {}): AccountState => ({
  ...{ id: label as AccountId, label, status: 'active', metered: false, refreshState: 'idle', refreshFailures: 0 },
  ...{ windows: [], meters: [], lanes: [], assignments: [{ poolId: TEAM.id, status: 'active', priority: 0 }] },
  ...over,
});

const readings = (...accounts: AccountState[]) =>
  accountReadings({ accounts, pools: [TEAM, EMPTY], defaultCap: 64 }, NOW);

describe('what metrics say of accounts', () => {
  it('is how full each window is, by its usual name, and nothing of one that has begun anew', () => {
    const { gw_account_quota_used_ratio: used, gw_account_quota_reset_seconds: resets } = readings(
      account('a', { windows: [window(300, 40, 60_000), window(10_079, 90, -1), window(60, 5, 1_000, 'spark')] }),
    );
    expect(used?.map(({ labels, value }) => [labels.window, value])).toEqual([
      ['5h', 0.4],
      ['7d', 0],
      ['spark 60m', 0.05],
    ]);
    expect(resets?.map(({ labels, value }) => [labels.window, value])).toEqual([
      ['5h', 60],
      ['spark 60m', 1],
    ]);
  });

  it.each([
    ['active', {}],
    ['paused', { status: 'paused' }],
    ['login_required', { status: 'login_required' }],
    ['refresh_failing', { refreshState: 'outcome_unknown' }],
    ['cooling_down', { coolingUntilMs: NOW + 1 }],
  ] as const)('is that it is %s', (state, over) => {
    expect(readings(account('a', over)).gw_account_state).toEqual([{ labels: { account: 'a', state }, value: 1 }]);
  });

  it('is how many calls it may serve: its own limit, or that of the configuration', () => {
    const { gw_account_cap: caps } = readings(account('a'), account('b', { maxConcurrent: 2 }));
    expect(caps?.map(({ value }) => value)).toEqual([64, 2]);
  });

  it('is how many of a Pool could serve now, without those that are paused in it', () => {
    const { gw_pool_accounts_usable: usable } = readings(
      account('a'),
      account('b', { coolingUntilMs: NOW + 1 }),
      account('c', { assignments: [{ poolId: TEAM.id, status: 'paused', priority: 0 }] }),
    );
    expect(usable).toEqual([
      { labels: { pool: 'team' }, value: 1 },
      { labels: { pool: 'empty' }, value: 0 },
    ]);
  });

  it('is what a Pool has left, as if its accounts were one', () => {
    const { gw_pool_headroom_ratio: headroom } = readings(
      account('a', { windows: [window(300, 40, 60_000)] }),
      account('b', { windows: [window(300, 60, 60_000)] }),
    );
    expect(headroom).toEqual([{ labels: { pool: 'team', window: '5h' }, value: 0.5 }]);
  });
});
