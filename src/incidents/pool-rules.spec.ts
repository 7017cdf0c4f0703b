import { account, lane, MINUTE_MS, NOW_MS, POOL, watched, window } from '../../test/support/watched.js';
import type { AccountState } from '../upstream/index.js';
import { findingsOf } from './findings.js';
import type { RuleKind } from './rule-params.js';
import type { Watched } from './watched.js';

const found = (kind: RuleKind, params: object, over: Partial<Watched>) => findingsOf({ kind, params }, watched(over));
const withAccount = (over: Partial<AccountState>) => ({ accounts: [account(over)] });

describe('a Pool', () => {
  const rule = (over: Partial<AccountState>, params: object = {}) =>
    found('pool_no_usable_accounts', params, withAccount(over));

  it.each<[string, Partial<AccountState>]>([
    ['paused', { status: 'paused' }],
    ['draining', { status: 'draining' }],
    ['login_required', { status: 'login_required' }],
    ['cooling', { coolingUntilMs: NOW_MS + 1 }],
    ['quota', { windows: [window({ usedPercent: 100 })] }],
    ['circuit', { lanes: [lane()] }],
    ['circuit', { lanes: [lane({ model: '', routeClass: 'stream' })] }],
    ['paused', { assignments: [{ poolId: POOL, status: 'paused', priority: 0 }] }],
    ['refresh_unknown', { refreshState: 'outcome_unknown', accessTokenExpiresAtMs: NOW_MS }],
  ])('has no usable account: %s', (reason, over) => {
    expect(rule(over)).toEqual([
      {
        target: { kind: 'pool', id: POOL, label: 'team', poolIds: [POOL] },
        reason: 'no_usable_accounts',
        evidence: { usable: 0, accounts: 1, minUsable: 1, unusable: { [reason]: 1 } },
      },
    ]);
  });

  it.each<[string, Partial<AccountState>]>([
    ['nothing is wrong', {}],
    ['nothing is known of its quota', { windows: [] }],
    ['its cooldown is over', { coolingUntilMs: NOW_MS }],
    ['its circuit may be tried', { lanes: [lane({ state: 'half_open' })] }],
    ['other work has succeeded since', { lanes: [lane({ model: 'x', routeClass: 'audio' })], lastSuccessAtMs: NOW_MS }],
    ['its token is being refreshed', { refreshState: 'in_flight', accessTokenExpiresAtMs: NOW_MS }],
  ])('has a usable one when %s', (_, over) => expect(rule(over)).toEqual([]));

  it('is judged for one model and kind of call if the rule says so', () => {
    const models = ['gpt-5.5'];
    const shut = { models, lanes: [lane({ model: 'gpt-5.5', routeClass: 'stream' })], lastSuccessAtMs: NOW_MS };
    expect(rule(shut, { model: 'GPT-5.5', routeClass: 'stream' })).toHaveLength(1);
    expect(rule(shut, { model: 'gpt-5.5', routeClass: 'compact' })).toEqual([]);
    expect(rule({ models }, { model: 'gpt-6' })[0]?.evidence).toMatchObject({
      unusable: { no_model: 1 },
      model: 'gpt-6',
    });
  });

  it('that never was given an account needs none', () => expect(rule({ assignments: [] })).toEqual([]));

  it('has fewer usable accounts than its operator wants', () => {
    expect(found('pool_low_usable_accounts', { minUsable: 2 }, {})).toMatchObject([
      { reason: 'low_usable_accounts', evidence: { usable: 1, minUsable: 2 } },
    ]);
    expect(found('pool_low_usable_accounts', { minUsable: 1 }, {})).toEqual([]);
  });

  it.each<[string, Partial<AccountState>]>([
    ['missing_evidence', { windows: [] }],
    ['stale', { windows: [window({ observedAtMs: NOW_MS - 16 * MINUTE_MS })] }],
    ['weekly_only', { windows: [window({ windowMinutes: 10_080 })] }],
    ['exhausted', { windows: [window({ usedPercent: 100 })] }],
    ['login_required', { status: 'login_required' }],
    ['refresh_failed', { refreshState: 'failed' }],
  ])('has all accounts in the state %s, or one that is not', (state, over) => {
    const all = found('pool_all_accounts_in_state', { state }, withAccount(over));
    expect(all).toMatchObject([{ reason: `all_${state}`, evidence: { state, accounts: 1 } }]);
    expect(found('pool_all_accounts_in_state', { state }, { accounts: [account(over), account()] })).toEqual([]);
    expect(found('pool_all_accounts_in_state', { state }, { accounts: [] })).toEqual([]);
  });
});
