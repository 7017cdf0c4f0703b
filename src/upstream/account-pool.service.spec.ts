import { collect, from, GatewayError, LoginRequired, type EventBatch } from '../core/index.js';
import { useDatabase } from '../../test/support/database.js';
import { fakeLogin } from '../../test/support/fake-login.js';
import {
  aCall,
  emptyAnswer,
  FakeKind,
  ownState,
  POOL,
  upstreamServices,
} from '../../test/support/upstream-services.js';
import type { AccountSnapshot } from './account-snapshot.js';

const signal = new AbortController().signal;
const rotated = fakeLogin({ generation: 1 });
const unauthorized = () =>
  new GatewayError('upstream_account_rejected', 'no', { upstreamStatus: 401, cooldownMs: 300_000 });
const batch = (type: string): EventBatch => {
  const raw = Buffer.from(type);
  return { raw, events: [{ type, raw, json: () => undefined }] };
};

describe('the account pool', () => {
  const database = useDatabase();
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account CASCADE'));

  /** One process with one account. */
  const start = async (options: { expiresAtMs?: number } = {}) => {
    const kind = new FakeKind();
    const process = upstreamServices(database.dataSource(), kind);
    await process.accounts.importAuthJson(fakeLogin(options).authJson, { label: 'alice', poolId: POOL });
    const account = async (): Promise<AccountSnapshot> => {
      const [only] = await process.pool.snapshot(POOL);
      if (!only) throw new Error('no account in the snapshot');
      return only;
    };
    const open = async (call = aCall()) => process.pool.open(await account(), call, signal);
    return { kind, account, open, ...process };
  };

  it('shows an account with its catalog, its quota and its cooldown', async () => {
    const { account } = await start();
    expect(await account()).toMatchObject({ label: 'alice', status: 'active', windows: [], coolingUntilMs: 0 });
    expect((await account()).models).toBeUndefined();
    await database.dataSource().query(`
      WITH a AS (UPDATE upstream_account SET catalog_refreshed_at = now(), cooling_reason = 'upstream_rate_limited',
                        cooling_until = to_timestamp(4000000000) RETURNING id),
           m AS (INSERT INTO account_model SELECT id, 'GPT-5.5', 0, '{}' FROM a)
      INSERT INTO account_quota_window SELECT id, 'codex', 300, 12.5, to_timestamp(4000000000), now() FROM a`);
    const { pool } = upstreamServices(database.dataSource(), new FakeKind());
    expect(await pool.snapshot(POOL)).toMatchObject([
      {
        models: new Set(['gpt-5.5']),
        coolingUntilMs: 4_000_000_000_000,
        coolingReason: 'upstream_rate_limited',
        windows: [{ limitId: 'codex', windowMinutes: 300, usedPercent: 12.5, resetsAtMs: 4_000_000_000_000 }],
      },
    ]);
  });

  it('shows accounts that are paused, and those that need a login, as such', async () => {
    const { pool, changes, account } = await start();
    const { id } = await account();
    await database.dataSource().query(`UPDATE pool_account SET status = 'paused'`);
    changes.announce(id);
    expect(await pool.snapshot(POOL)).toMatchObject([{ status: 'paused' }]);
    await database.dataSource().query(`UPDATE upstream_account SET status = 'login_required'`);
    changes.announce(id);
    expect(await pool.snapshot(POOL)).toMatchObject([{ status: 'login_required' }]);
  });

  it('shows the oldest account first, by the calendar (trap 45)', async () => {
    const { pool, accounts, changes, account } = await start();
    const younger = await account();
    const { account: older } = await accounts.importAuthJson(fakeLogin({ accountId: 'acc_simulated_2' }).authJson, {
      label: 'zoe',
      poolId: POOL,
    });
    const sql = 'UPDATE upstream_account SET created_at = $2 WHERE id = $1';
    await database.dataSource().query(sql, [younger.id, '2026-10-01T00:30:00+02:00']);
    await database.dataSource().query(sql, [older.id, '2026-09-30T22:29:59Z']);
    changes.announce(older.id);
    expect((await pool.snapshot(POOL)).map(({ label }) => label)).toEqual(['zoe', 'alice']);
  });

  it('asks the database once for everybody who asks within a second', async () => {
    const { pool } = await start();
    await pool.snapshot(POOL);
    await database.dataSource().query(`UPDATE upstream_account SET label = 'renamed'`);
    expect(await pool.snapshot(POOL)).toMatchObject([{ label: 'alice' }]);
  });

  it('counts open exchanges until an answer is read, given back unread, or failed', async () => {
    const { kind, open, account } = await start();
    kind.onOpen = async () => ({ ...emptyAnswer(), batches: from([batch('a'), batch('b')]) });
    const [read, unread] = [await open(), await open()];
    expect((await account()).openExchanges).toBe(2);
    expect(await collect(read.batches)).toHaveLength(2);
    expect((await account()).openExchanges).toBe(1);
    await unread.batches[Symbol.asyncIterator]().return?.();
    expect((await account()).openExchanges).toBe(0);
    kind.onOpen = async () => Promise.reject(new GatewayError('upstream_error', 'm'));
    await expect(open()).rejects.toMatchObject({ code: 'upstream_error' });
    expect((await account()).openExchanges).toBe(0);
  });

  it('refreshes once on a 401 and tries the same account again', async () => {
    const { kind, open } = await start();
    kind.onOpen = async (access) => (access.credentialEpoch === 1 ? Promise.reject(unauthorized()) : emptyAnswer());
    kind.onRefresh = async () => ({ accessToken: rotated.accessToken });
    expect((await open()).status).toBe(200);
    expect(kind.opened.map((access) => access.accessToken)).toEqual([fakeLogin().accessToken, rotated.accessToken]);
    expect(kind.refreshedWith).toHaveLength(1);
  });

  it('lets an account sit out that is refused with new credentials too', async () => {
    const { kind, open, account, health } = await start();
    kind.onOpen = async () => Promise.reject(unauthorized());
    kind.onRefresh = async () => ({ accessToken: rotated.accessToken });
    await expect(open()).rejects.toMatchObject({ code: 'upstream_account_rejected' });
    await health.written();
    expect(kind.refreshedWith).toHaveLength(1);
    const { coolingReason, coolingUntilMs } = await account();
    expect(coolingReason).toBe('upstream_account_rejected');
    expect(coolingUntilMs).toBeGreaterThan(Date.now() + 200_000);
  });

  it('loses an account whose refresh token is dead, with the refusal that showed it', async () => {
    const { kind, open, pool } = await start();
    kind.onOpen = async () => Promise.reject(unauthorized());
    kind.onRefresh = async () => Promise.reject(new LoginRequired('invalid_grant'));
    await expect(open()).rejects.toMatchObject({
      code: 'upstream_account_rejected',
      detail: { upstreamStatus: 401, upstreamCode: 'invalid_grant' },
    });
    expect(await pool.snapshot(POOL)).toMatchObject([{ status: 'login_required' }]);
  });

  it('goes on to other accounts while the login server is away', async () => {
    const { kind, open, account } = await start();
    kind.onOpen = async () => Promise.reject(unauthorized());
    kind.onRefresh = async () => Promise.reject(new GatewayError('upstream_error', 'away'));
    await expect(open()).rejects.toMatchObject({ code: 'upstream_account_rejected', failover: true });
    expect((await account()).coolingUntilMs).toBeLessThan(Date.now() + 60_000);
  });

  it('does not send a call with a token that has ended', async () => {
    const { kind, open } = await start({ expiresAtMs: Date.now() - 1_000 });
    kind.onRefresh = async () => ({ accessToken: rotated.accessToken });
    await open();
    expect(kind.opened.map((access) => access.credentialEpoch)).toEqual([2]);
  });

  it('waits for a refresh no longer than its caller is there', async () => {
    const { kind, pool, account } = await start();
    const gone = new AbortController();
    kind.onOpen = async () => Promise.reject(unauthorized());
    let finish: (tokens: { accessToken: string }) => void = () => undefined;
    kind.onRefresh = () => {
      gone.abort(new GatewayError('client_disconnected', 'gone'));
      return new Promise((resolve) => (finish = resolve));
    };
    await expect(pool.open(await account(), aCall(), gone.signal)).rejects.toMatchObject({
      code: 'client_disconnected',
    });
    finish({ accessToken: rotated.accessToken });
  });

  it.each<[string, GatewayError, string | undefined]>([
    [
      'a spent quota',
      new GatewayError('upstream_quota_exhausted', 'm', { resetsAtMs: Date.now() + 5_000_000 }),
      'upstream_quota_exhausted',
    ],
    ['a burst', new GatewayError('upstream_rate_limited', 'm', { cooldownMs: 5_000 }), 'upstream_rate_limited'],
    ['overload', new GatewayError('server_is_overloaded', 'm'), undefined],
    ['a refused request', new GatewayError('upstream_refused', 'm'), undefined],
  ])('after %s remembers, everywhere, whether the account must sit out (trap 40)', async (_, failure, reason) => {
    const { kind, open, account, health } = await start();
    kind.onOpen = async () => Promise.reject(failure);
    await expect(open()).rejects.toBe(failure);
    expect((await account()).coolingReason).toBe(reason);
    await health.written();
    const elsewhere = upstreamServices(database.dataSource(), kind);
    expect((await elsewhere.pool.snapshot(POOL))[0]?.coolingReason).toBe(reason);
  });

  it('forgets a cooldown when the login is imported anew', async () => {
    const { kind, open, account, health, accounts } = await start();
    kind.onOpen = async () =>
      Promise.reject(new GatewayError('upstream_account_rejected', 'm', { cooldownMs: 60_000 }));
    await expect(open()).rejects.toBeDefined();
    await health.written();
    expect((await account()).coolingUntilMs).toBeGreaterThan(0);
    await accounts.importAuthJson(rotated.authJson, { label: 'alice' });
    expect((await account()).coolingUntilMs).toBe(0);
  });

  it('hears of changes in other processes before its second is over', async () => {
    const shared = ownState();
    const [here, there] = [1, 2].map(() => upstreamServices(database.dataSource(), new FakeKind(), shared));
    if (!here || !there) throw new Error('no processes');
    await there.changes.onModuleInit();
    const { account } = await here.accounts.importAuthJson(fakeLogin().authJson, { label: 'alice', poolId: POOL });
    const heard = new Promise<void>((done) => there.changes.listen(() => done()));
    expect(await there.pool.snapshot(POOL)).toHaveLength(1);
    await database.dataSource().query(`UPDATE upstream_account SET status = 'login_required'`);
    here.changes.announce(account.id);
    await heard;
    expect(await there.pool.snapshot(POOL)).toMatchObject([{ status: 'login_required' }]);
    await there.changes.onModuleDestroy();
  });

  it('never shortens a cooldown', async () => {
    const { kind, open, account, health } = await start();
    const resetsAtMs = Date.now() + 5_000_000;
    kind.onOpen = async () => Promise.reject(new GatewayError('upstream_quota_exhausted', 'm', { resetsAtMs }));
    await expect(open()).rejects.toBeDefined();
    kind.onOpen = async () => Promise.reject(new GatewayError('upstream_rate_limited', 'm', { cooldownMs: 5_000 }));
    await expect(open()).rejects.toBeDefined();
    await health.written();
    expect(await account()).toMatchObject({ coolingUntilMs: resetsAtMs, coolingReason: 'upstream_quota_exhausted' });
  });

  it('says what a failed first event means, and lets the account sit out for it', async () => {
    const { kind, open, account } = await start();
    kind.onFailure = () => new GatewayError('upstream_rate_limited', 'm', { cooldownMs: 5_000 });
    const { failureOf } = await open();
    const [event] = batch('response.failed').events;
    if (!event) throw new Error('no event');
    expect(failureOf(event)?.code).toBe('upstream_rate_limited');
    expect((await account()).coolingReason).toBe('upstream_rate_limited');
  });
});
