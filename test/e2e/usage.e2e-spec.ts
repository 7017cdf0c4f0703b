import { JobProducer, QUEUES } from '../../src/platform/queue/index.js';
import type { PoolSettings } from '../../src/auth/index.js';
import { USAGE_DUE_JOB } from '../../src/upstream/quota/usage-job.js';
import { eventually } from '../support/eventually.js';
import { ask, useGateway } from '../support/gateway.js';
import { refusal } from '../support/http-app.js';
import { newPool, type TestPool } from '../support/pools.js';
import { events, ScriptedUpstream, type AccountOptions, type WireEvent } from '../support/scripted-upstream/index.js';

const PATHS = ['/backend-api/wham/usage', '/wham/usage', '/api/codex/usage'];
const HOUR_MS = 3_600_000;
const [FIVE_HOURS_S, WEEK_S] = [18_000, 604_800];
const NEUTRAL = {
  plan_type: 'api_key',
  rate_limit: { allowed: true, limit_reached: false, primary_window: null, secondary_window: null },
};

const upstream = new ScriptedUpstream();
const gateway = useGateway({ probes: true, upstream });

async function usage(path: string, headers: Record<string, string>): Promise<[status: number, body: unknown]> {
  const answer = await fetch(`${gateway.url}${path}`, { headers });
  return [answer.status, await answer.json()];
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const usageFor = async ({ key }: TestPool): Promise<unknown> => (await usage('/wham/usage', bearer(key)))[1];

const NOW = Date.now();
const seconds = (ms: number): number => Math.floor(ms / 1000);
const inHours = (hours: number): number => NOW + hours * HOUR_MS;
const account = (usedPercent: number, weekly: number, hours = 2): AccountOptions => ({
  primary: { usedPercent, resetsAtMs: inHours(hours) },
  secondary: { usedPercent: weekly, resetsAtMs: inHours(72) },
});

/** A Pool whose accounts the worker has asked for their usage. */
async function knownPool(accounts: readonly AccountOptions[], settings: PoolSettings = {}): Promise<TestPool> {
  const pool = await newPool(gateway, upstream, accounts, settings);
  await gateway.get(JobProducer).add(QUEUES.usage, USAGE_DUE_JOB, {});
  await eventually(async () => {
    const known = (await pool.snapshot()).filter(({ windows }) => windows.length > 0);
    expect(known).toHaveLength(accounts.length);
  });
  return pool;
}

describe('the usage of a Pool', () => {
  it('is unknown, and allowed, in a Pool of which nobody has told anything', async () => {
    const empty = await newPool(gateway, upstream, []);
    for (const path of PATHS) expect(await usage(path, bearer(empty.key))).toEqual([200, NEUTRAL]);
  });

  it('is known of accounts that no call has used yet, as if they were one', async () => {
    const team = await knownPool([account(20, 50), account(41, 10, 1)]);
    const wait: unknown = expect.any(Number);
    const expected = {
      plan_type: 'api_key',
      rate_limit: {
        allowed: true,
        limit_reached: false,
        primary_window: {
          used_percent: 31,
          limit_window_seconds: FIVE_HOURS_S,
          reset_after_seconds: wait,
          reset_at: seconds(inHours(1)),
        },
        secondary_window: {
          used_percent: 30,
          limit_window_seconds: WEEK_S,
          reset_after_seconds: wait,
          reset_at: seconds(inHours(72)),
        },
      },
    };
    for (const path of [...PATHS, `${PATHS[0] ?? ''}?x=1`]) {
      expect(await usage(path, bearer(team.key))).toEqual([200, expected]);
    }
  });

  it('is at its limit when all accounts are, and not before', async () => {
    const team = await knownPool([account(100, 50), account(100, 10, 1)]);
    const reached = { allowed: false, limit_reached: true, primary_window: { used_percent: 100 } };
    expect(await usageFor(team)).toMatchObject({ rate_limit: reached });

    const mixed = await knownPool([account(100, 50), account(99, 10)]);
    const allowed = { allowed: true, limit_reached: false, primary_window: { used_percent: 99 } };
    expect(await usageFor(mixed)).toMatchObject({ rate_limit: allowed });
  });

  it('does not count accounts that are paused or need a new login', async () => {
    const team = await knownPool([account(80, 80), account(90, 90), account(10, 10)]);
    const [first, second] = await team.snapshot();
    await gateway.database().query(`UPDATE pool_account SET status = 'paused' WHERE account_id = $1`, [first?.id]);
    const sql = `UPDATE upstream_account SET status = 'login_required' WHERE id = $1`;
    await gateway.database().query(sql, [second?.id]);
    await eventually(async () => {
      expect(await usageFor(team)).toMatchObject({ rate_limit: { primary_window: { used_percent: 10 } } });
    });
  });

  it('follows what the answers tell', async () => {
    const team = await knownPool([{ ...account(20, 50), percentPerCall: 15 }]);
    await (await team.post(ask())).text();
    expect(await usageFor(team)).toMatchObject({ rate_limit: { primary_window: { used_percent: 35 } } });
  });

  it('is told to a key whatever account it names', async () => {
    const team = await knownPool([account(20, 50)]);
    const named = { ...bearer(team.key), 'chatgpt-account-id': 'somebody' };
    expect(await usage('/wham/usage', named)).toMatchObject([200, { plan_type: 'api_key' }]);
  });

  it('costs no upstream call and leaves no row', async () => {
    const before = [upstream.count('responses'), (await gateway.ledger()).length];
    await usage('/wham/usage', bearer(gateway.key));
    expect([upstream.count('responses'), (await gateway.ledger()).length]).toEqual(before);
  });
});

describe('an account', () => {
  it.each(PATHS)('learns of itself at %s with its own token', async (path) => {
    const team = await knownPool([account(20, 50), account(60, 10)]);
    const [, second] = team.accounts;
    const { accessToken, accountId, plan } = second?.login ?? { accessToken: '', accountId: '', plan: '' };
    const own = { ...bearer(accessToken), 'chatgpt-account-id': accountId };
    expect(await usage(path, own)).toMatchObject([
      200,
      { plan_type: plan, rate_limit: { primary_window: { used_percent: 60 }, secondary_window: { used_percent: 10 } } },
    ]);
  });

  it.each<[string, number, string, (team: TestPool) => Record<string, string>]>([
    ['without key and account', 401, 'invalid_api_key', () => ({})],
    ['without an account', 401, 'invalid_api_key', ({ accounts }) => bearer(accounts[0]?.login.accessToken ?? '')],
    ['with a broken key', 401, 'invalid_api_key', ({ key }) => bearer(key.slice(0, -1))],
    [
      'without a token',
      401,
      'invalid_authorization',
      ({ accounts }) => ({ 'chatgpt-account-id': accounts[0]?.id ?? '' }),
    ],
    [
      'with another account’s token',
      401,
      'invalid_authorization',
      ({ accounts }) => ({
        ...bearer(accounts[1]?.login.accessToken ?? ''),
        'chatgpt-account-id': accounts[0]?.id ?? '',
      }),
    ],
    [
      'with an account that nobody knows',
      401,
      'invalid_authorization',
      ({ accounts }) => ({ ...bearer(accounts[0]?.login.accessToken ?? ''), 'chatgpt-account-id': 'nobody' }),
    ],
  ])('%s is %i %s', async (_, status, code, headers) => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    for (const path of PATHS) expect(await usage(path, headers(team))).toEqual([status, refusal(code)]);
  });

  it('that serves no Pool is 404 invalid_chatgpt_account', async () => {
    const team = await newPool(gateway, upstream, [{}]);
    const [row] = await team.snapshot();
    await gateway.database().query('DELETE FROM pool_account WHERE account_id = $1', [row?.id]);
    const { accessToken, accountId } = team.accounts[0]?.login ?? { accessToken: '', accountId: '' };
    const own = { ...bearer(accessToken), 'chatgpt-account-id': accountId };
    expect(await usage('/wham/usage', own)).toEqual([404, refusal('invalid_chatgpt_account')]);
  });

  it('gets nowhere else with its token', async () => {
    const [alice] = upstream.accounts;
    const own = { ...bearer(alice?.login.accessToken ?? ''), 'chatgpt-account-id': alice?.id ?? '' };
    expect(await usage('/backend-api/codex/models', own)).toEqual([401, refusal('api_key_missing')]);
    expect(await usage('/v1/models', own)).toEqual([401, refusal('invalid_api_key')]);
    const answer = await gateway.post(ask(), { headers: own });
    expect([answer.status, await answer.json()]).toEqual([401, refusal('api_key_missing')]);
  });
});

describe('the capacity of a Pool in its answers', () => {
  const told = (usedPercent: number): WireEvent => ({
    type: 'codex.rate_limits',
    plan_type: 'pro',
    rate_limits: {
      primary: { used_percent: usedPercent, window_minutes: 300, reset_at: seconds(inHours(2)) },
      secondary: { used_percent: 50, window_minutes: 10_080, reset_at: seconds(inHours(72)) },
    },
  });
  const answering = (usedPercent: number) =>
    events([
      { type: 'response.created', response: { id: 'resp_1' } },
      told(usedPercent),
      { type: 'response.completed', response: { id: 'resp_1' } },
    ]);
  const rateLimitsIn = (text: string): unknown => {
    const [data = 'null'] = text.split('\n').filter((line) => line.startsWith('data: {"type":"codex.rate_limits"'));
    return JSON.parse(data.replace('data: ', '')) as unknown;
  };
  const limitHeaders = ({ headers }: Response): [string, string][] =>
    [...headers].filter(([name]) => /^x-codex-(primary|secondary)-/.test(name));
  const ACCOUNTS = [account(20, 50), account(60, 10)];

  it('is not told unless the Pool wants it: an account’s events pass as they are, its headers do not', async () => {
    const team = await knownPool(ACCOUNTS);
    upstream.replyWith(answering(20));
    const answer = await team.post(ask());
    expect([limitHeaders(answer), rateLimitsIn(await answer.text())]).toMatchObject([[], told(20)]);
  });

  it('takes the place of the account’s in streams: headers and events', async () => {
    const team = await knownPool(ACCOUNTS, { reportCapacity: true });
    upstream.replyWith(answering(30));
    const answer = await team.post(ask());
    const text = await answer.text();
    expect(limitHeaders(answer)).toEqual([
      ['x-codex-primary-reset-at', String(seconds(inHours(2)))],
      ['x-codex-primary-used-percent', '40'],
      ['x-codex-primary-window-minutes', '300'],
      ['x-codex-secondary-reset-at', String(seconds(inHours(72)))],
      ['x-codex-secondary-used-percent', '30'],
      ['x-codex-secondary-window-minutes', '10080'],
    ]);
    expect(rateLimitsIn(text)).toMatchObject({
      plan_type: null,
      rate_limits: { primary: { used_percent: 45, window_minutes: 300 }, secondary: { used_percent: 30 } },
    });
    expect(text.match(/codex\.rate_limits/g)).toHaveLength(2);
    expect(text).toContain('response.completed');
  });

  it('is in the headers of answers that are no stream', async () => {
    const team = await knownPool(ACCOUNTS, { reportCapacity: true });
    const answer = await team.post(ask({ stream: false }));
    expect([answer.status, (await answer.json()) as object]).toMatchObject([200, { object: 'response' }]);
    expect(limitHeaders(answer)).toContainEqual(['x-codex-primary-used-percent', '40']);
  });
});
