import { account, KEY, MINUTE_MS, NOW_MS, POOL, watched, window } from '../../test/support/watched.js';
import type { AccountState } from '../upstream/index.js';
import type { RecentOutcomes } from '../accounting/index.js';
import { dedupeKey, findingsOf } from './findings.js';
import { RULE_KINDS, RULE_PARAMS, type RuleKind } from './rule-params.js';
import type { Watched, WatchedJob, WatchedLimit } from './watched.js';

const found = (kind: RuleKind, params: object, over: Partial<Watched>) => findingsOf({ kind, params }, watched(over));
const withAccount = (over: Partial<AccountState>) => ({ accounts: [account(over)] });

describe('an account', () => {
  it.each([
    ['account_primary', window({ usedPercent: 95 }), 1],
    ['account_secondary', window({ usedPercent: 95 }), 0],
    ['account_secondary', window({ usedPercent: 95, windowMinutes: 10_080 }), 1],
    ['model_primary', window({ usedPercent: 95, limitId: 'gpt_5_3_spark' }), 1],
    ['model_secondary', window({ usedPercent: 95, limitId: 'gpt_5_3_spark', windowMinutes: 10_080 }), 1],
    ['any', window({ usedPercent: 90 }), 1],
    ['any', window({ usedPercent: 89 }), 0],
    ['any', window({ usedPercent: 95, resetsAtMs: NOW_MS }), 0],
  ])('has used much of %s', (selector, used, times) => {
    const all = found('account_quota_threshold', { window: selector }, withAccount({ windows: [used] }));
    expect(all).toHaveLength(times);
  });

  it.each<[string, Partial<AccountState>, readonly string[]]>([
    ['any', { status: 'login_required' }, ['login_required']],
    ['login_required', { refreshState: 'failed', refreshFailures: 9 }, []],
    ['refresh_failed', { refreshState: 'failed', refreshFailures: 2 }, ['refresh_failed']],
    ['refresh_failed', { refreshState: 'failed', refreshFailures: 1 }, []],
    ['any', { refreshState: 'outcome_unknown' }, ['outcome_unknown']],
    ['any', { refreshState: 'outcome_unknown', status: 'paused' }, []],
    ['any', {}, []],
  ])('has a login in the state %s', (state, over, reasons) => {
    expect(found('account_auth_state', { state }, withAccount(over)).map(({ reason }) => reason)).toEqual(reasons);
  });

  it.each<[object, number, readonly string[]]>([
    [{}, 6, []],
    [{}, 4, ['token_expiring']],
    [{}, -1, ['token_expired']],
    [{ minutes: 60 }, 59, ['token_expiring']],
  ])('has a token that ends, by %j, in %d minutes', (params, minutes, reasons) => {
    const state = withAccount({ accessTokenExpiresAtMs: NOW_MS + minutes * MINUTE_MS });
    expect(found('token_expiring_soon', params, state).map(({ reason }) => reason)).toEqual(reasons);
  });
});

describe('what was used', () => {
  const limit = (current: number, over: Partial<WatchedLimit> = {}): WatchedLimit => ({
    scope: 'key',
    id: KEY,
    status: {
      scope: 'key',
      limit: 'usd_per_day',
      window: 'day',
      max: 1_000,
      current,
      reserved: 0,
      remaining: 1_000 - current,
      warned: false,
    },
    ...over,
  });

  it.each<[object, WatchedLimit, readonly string[]]>([
    [{}, limit(799), []],
    [{}, limit(800), ['budget_threshold']],
    [{}, limit(1_000), ['budget_spent']],
    [{}, limit(500, { warnPercent: 50 }), ['budget_threshold']],
    [{ percent: 95 }, limit(940, { warnPercent: 50 }), []],
    [{}, limit(900, { scope: 'pool', id: POOL }), ['budget_threshold']],
    [{ keyId: KEY }, limit(900, { scope: 'pool', id: POOL }), []],
    [{}, limit(900, { id: 'of a key that is gone' }), []],
  ])('is much of a budget, by %j', (params, used, reasons) => {
    const all = found('key_budget_threshold', params, { limits: [used] });
    expect(all.map(({ reason }) => reason)).toEqual(reasons);
  });

  const outcomes = (over: Partial<RecentOutcomes>) => ({
    outcomes: new Map([[15, [{ poolId: POOL, keyId: KEY, succeeded: 15, failed: 0, rejected: 0, ...over }]]]),
  });

  it('failed too often', () => {
    expect(found('key_error_rate', {}, outcomes({ failed: 3, rejected: 2 }))).toMatchObject([
      { reason: 'key_errors', evidence: { errors: 5, calls: 20, errorPercent: 25, failed: 3, rejected: 2 } },
    ]);
    expect(found('key_error_rate', {}, outcomes({ failed: 4 }))).toEqual([]);
    expect(found('pool_error_rate', {}, outcomes({ failed: 5 }))).toMatchObject([{ reason: 'pool_errors' }]);
    expect(found('pool_error_rate', {}, outcomes({ failed: 4, rejected: 90 }))).toEqual([]);
  });

  it('was too little to say so', () => {
    expect(found('pool_error_rate', { minCalls: 21 }, outcomes({ failed: 5 }))).toEqual([]);
  });
});

describe('a job', () => {
  const job = (over: Partial<WatchedJob> = {}): WatchedJob => ({
    job: 'maintenance/sweep',
    isFailing: true,
    startedAtMs: NOW_MS,
    lastSuccessAtMs: NOW_MS - 15 * MINUTE_MS,
    errorCode: '57014',
    failures: 90,
    ...over,
  });

  it('fails and has not succeeded for a while', () => {
    expect(found('job_failing', {}, { jobs: [job()] })).toMatchObject([
      { target: { kind: 'job', id: 'maintenance/sweep', poolIds: [] }, evidence: { errorCode: '57014', failures: 90 } },
    ]);
  });

  it.each<[string, Partial<WatchedJob>]>([
    ['works', { isFailing: false }],
    ['has succeeded not long ago', { lastSuccessAtMs: NOW_MS - 14 * MINUTE_MS }],
    ['was not begun for days', { startedAtMs: NOW_MS - 49 * 60 * MINUTE_MS }],
  ])('that %s is none', (_, over) => expect(found('job_failing', {}, { jobs: [job(over)] })).toEqual([]));

  it('that never succeeded is one after three tries', () => {
    const { lastSuccessAtMs: _, ...never } = job();
    expect(found('job_failing', {}, { jobs: [{ ...never, failures: 2 }] })).toEqual([]);
    expect(found('job_failing', {}, { jobs: [{ ...never, failures: 3 }] })).toHaveLength(1);
  });
});

describe('rules', () => {
  it('say of the same thing the same key, and of others others', () => {
    const windows = [window({ usedPercent: 95 }), window({ usedPercent: 95, windowMinutes: 10_080 })];
    const keys = found('account_quota_threshold', {}, withAccount({ windows })).map((each) => dedupeKey('rule', each));
    expect(keys).toEqual([
      'rule:account:cccccccc-0000-4000-8000-000000000001:codex 300',
      'rule:account:cccccccc-0000-4000-8000-000000000001:codex 10080',
    ]);
  });

  it('find nothing where nothing is wrong', () => {
    const needed: Partial<Record<RuleKind, object>> = {
      pool_low_usable_accounts: { minUsable: 1 },
      pool_all_accounts_in_state: { state: 'exhausted' },
    };
    expect(RULE_KINDS.flatMap((kind) => found(kind, needed[kind] ?? {}, {}))).toEqual([]);
  });

  it('refuse what they do not know', () => {
    for (const kind of RULE_KINDS) expect(RULE_PARAMS[kind].safeParse({ other: 1 }).success).toBe(false);
  });
});
