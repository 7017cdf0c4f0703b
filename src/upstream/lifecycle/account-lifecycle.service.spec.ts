import { randomUUID } from 'node:crypto';
import type { AccountId, PoolId } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { fakeLogin, type FakeLoginOptions } from '../../../test/support/fake-login.js';
import { FakeKind, ownState, POOL, upstreamServices } from '../../../test/support/upstream-services.js';
import type { AccountAction } from './account-lifecycle.service.js';

const OTHER_POOL = '00000000-0000-4000-8000-0000000000b2' as PoolId;
const ACTIONS: readonly AccountAction[] = ['pause', 'resume', 'drain', 'delete'];

describe('an account', () => {
  const database = useDatabase();
  const services = (shared = ownState()) => upstreamServices(database.dataSource(), new FakeKind(), shared);
  const run = (sql: string, parameters: unknown[] = []): Promise<unknown> =>
    database.dataSource().query(sql, parameters);
  const imported = async (options: FakeLoginOptions = {}): Promise<AccountId> => {
    const login = fakeLogin(options).authJson;
    return (await services().accounts.importAuthJson(login, { label: options.accountId ?? 'alice', poolId: POOL }))
      .account.id;
  };
  const row = async (id: AccountId): Promise<Record<string, unknown>> => {
    const sql = `SELECT status, credential_epoch::int AS epoch, access_token, refresh_token, id_token, cooling_until,
                        external_workspace_id AS workspace, label FROM upstream_account WHERE id = $1`;
    return ((await run(sql, [id])) as Record<string, unknown>[])[0] ?? {};
  };
  beforeEach(() => run('TRUNCATE upstream_account CASCADE'));

  it('that is paused leaves routing at once in every process, and comes back when it is resumed', async () => {
    const id = await imported();
    const shared = ownState();
    const [here, there] = [services(shared), services(shared)];
    await there.changes.onModuleInit();
    const heard = () => new Promise<string>((told) => there.changes.listen(told));
    expect(await there.pool.snapshot(POOL)).toMatchObject([{ status: 'active', credentialEpoch: 1 }]);
    const [paused] = await Promise.all([here.lifecycle.pause(id), heard()]);
    expect(paused).toBe('paused');
    expect(await there.pool.snapshot(POOL)).toMatchObject([{ status: 'paused', credentialEpoch: 2 }]);
    const [resumed] = await Promise.all([here.lifecycle.resume(id), heard()]);
    expect(resumed).toBe('active');
    expect(await there.pool.snapshot(POOL)).toMatchObject([{ status: 'active', credentialEpoch: 3 }]);
  });

  it('that drains keeps its credentials for what it has begun', async () => {
    const id = await imported();
    const { lifecycle, pool, credentials } = services();
    expect(await lifecycle.drain(id)).toBe('draining');
    const [account] = await pool.snapshot(POOL);
    expect(account).toMatchObject({ status: 'draining', credentialEpoch: 1 });
    expect(await credentials.access({ id, credentialEpoch: 1 })).toMatchObject({ id });
  });

  it('that is paused twice, or drained twice, is so once', async () => {
    const id = await imported();
    const { lifecycle } = services();
    await lifecycle.drain(id);
    await lifecycle.drain(id);
    await lifecycle.pause(id);
    await lifecycle.pause(id);
    expect(await row(id)).toMatchObject({ status: 'paused', epoch: 2 });
  });

  it('that is resumed is tried again, and its quota is what its provider said', async () => {
    const id = await imported();
    const { lifecycle } = services();
    await run(`UPDATE upstream_account SET cooling_until = now() + interval '1 hour', cooling_reason = 'x'`);
    await run(
      `INSERT INTO account_lane (account_id, model, route_class, failures, opened_at, open_until, reason, version)
       VALUES ($1, 'gpt-5.5', 'responses', 3, now(), now() + interval '1 minute', 'upstream_timeout', 4)`,
      [id],
    );
    await run(
      `INSERT INTO account_quota_window (account_id, limit_id, window_minutes, used_percent, resets_at, observed_at)
       VALUES ($1, 'codex', 300, 100, now() + interval '1 hour', now())`,
      [id],
    );
    expect(await lifecycle.resume(id)).toBe('active');
    expect(await row(id)).toMatchObject({ cooling_until: null, epoch: 1 });
    expect(await run('SELECT failures, open_until, version::int FROM account_lane')).toEqual([
      { failures: 0, open_until: null, version: 5 },
    ]);
    expect(await run('SELECT used_percent FROM account_quota_window')).toEqual([{ used_percent: 100 }]);
  });

  it('is not resumed when its token has ended and cannot be renewed', async () => {
    const id = await imported();
    const { lifecycle } = services();
    await lifecycle.pause(id);
    await run(`UPDATE upstream_account SET refresh_token = NULL, access_token_expires_at = now() - interval '1 s'`);
    await expect(lifecycle.resume(id)).rejects.toMatchObject({ reason: 'no_usable_token' });
    expect(await row(id)).toMatchObject({ status: 'paused', epoch: 2 });
  });

  it.each(['pause', 'resume', 'drain'] as const)('that has lost its login is not helped by %s', async (action) => {
    const id = await imported();
    await run(`UPDATE upstream_account SET status = 'login_required', status_reason = 'invalid_grant'`);
    await expect(services().lifecycle[action](id)).rejects.toMatchObject({ reason: 'login_required' });
    expect(await row(id)).toMatchObject({ status: 'login_required', epoch: 1 });
  });

  it('that is deleted has no secret left, and no Pool; its row stays', async () => {
    const id = await imported();
    const { lifecycle, assignments, pool, accounts, credentials } = services();
    await assignments.assign(OTHER_POOL, id);
    expect(await lifecycle.delete(id)).toBe('deleted');
    expect(await row(id)).toMatchObject({
      status: 'deleted',
      label: 'alice',
      epoch: 2,
      access_token: null,
      refresh_token: null,
      id_token: null,
    });
    expect([await pool.snapshot(POOL), await pool.snapshot(OTHER_POOL), await accounts.list()]).toEqual([[], [], []]);
    await expect(credentials.access({ id, credentialEpoch: 2 })).rejects.toMatchObject({
      code: 'upstream_account_rejected',
    });
  });

  it('that is deleted stays so; its login and its name may come back as another account', async () => {
    const id = await imported();
    const { lifecycle } = services();
    await lifecycle.delete(id);
    for (const action of ACTIONS) {
      await expect(lifecycle[action](id)).rejects.toMatchObject({ reason: 'account_deleted' });
    }
    const again = await imported();
    expect(again).not.toBe(id);
    expect(await row(again)).toMatchObject({ status: 'active', label: 'alice', epoch: 1 });
  });

  it.each(ACTIONS)('that was never there cannot be told to %s', async (action) => {
    await expect(services().lifecycle[action](randomUUID() as AccountId)).rejects.toMatchObject({
      reason: 'account_unknown',
    });
  });

  describe('and the Pools that it serves', () => {
    it('is paused, resumed, moved to another tier and removed in one of them alone', async () => {
      const id = await imported();
      const { assignments, pool } = services();
      await assignments.assign(OTHER_POOL, id, 1);
      expect(await assignments.change(OTHER_POOL, id, { status: 'paused' })).toBe(true);
      expect(await pool.snapshot(OTHER_POOL)).toMatchObject([{ status: 'paused', priority: 1 }]);
      expect(await pool.snapshot(POOL)).toMatchObject([{ status: 'active', priority: 0 }]);
      await assignments.change(OTHER_POOL, id, { status: 'active', priority: 3 });
      expect(await pool.snapshot(OTHER_POOL)).toMatchObject([{ status: 'active', priority: 3 }]);
      expect(await assignments.remove(OTHER_POOL, id)).toBe(true);
      expect(await pool.snapshot(OTHER_POOL)).toEqual([]);
      expect(await assignments.remove(OTHER_POOL, id)).toBe(false);
      expect(await assignments.change(OTHER_POOL, id, { priority: 1 })).toBe(false);
    });

    it('stays paused in a Pool when it is put into it again, as a start with a declarative file does', async () => {
      const id = await imported();
      const { assignments, pool } = services();
      await assignments.change(POOL, id, { status: 'paused', priority: 2 });
      await imported();
      expect(await pool.snapshot(POOL)).toMatchObject([{ status: 'paused', priority: 2 }]);
    });

    it('serves as many calls at once as its operator says', async () => {
      const id = await imported();
      const { accounts, pool } = services();
      await accounts.limit(id, 3);
      expect(await pool.snapshot(POOL)).toMatchObject([{ maxConcurrent: 3 }]);
      expect(await accounts.list()).toMatchObject([{ maxConcurrent: 3, assignments: [{ poolId: POOL, priority: 0 }] }]);
      await accounts.limit(id, null);
      expect((await accounts.list())[0]).not.toHaveProperty('maxConcurrent');
    });
  });
});
