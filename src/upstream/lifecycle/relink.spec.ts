import { randomUUID } from 'node:crypto';
import type { AccountId } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { fakeLogin, type FakeLoginOptions } from '../../../test/support/fake-login.js';
import { FakeKind, ownState, POOL, upstreamServices } from '../../../test/support/upstream-services.js';

describe('a login for an account that is there', () => {
  const database = useDatabase();
  const services = (shared = ownState()) => upstreamServices(database.dataSource(), new FakeKind(), shared);
  const run = (sql: string): Promise<unknown> => database.dataSource().query(sql);
  const imported = async (options: FakeLoginOptions = {}, label = 'alice'): Promise<AccountId> => {
    const { authJson } = fakeLogin(options);
    return (await services().accounts.importAuthJson(authJson, { label, poolId: POOL })).account.id;
  };
  const renewed = (options: FakeLoginOptions = {}): string => fakeLogin({ generation: 1, ...options }).authJson;
  beforeEach(() => run('TRUNCATE upstream_account CASCADE'));

  it('brings it back after it had lost its own, and every process uses the new one', async () => {
    const id = await imported();
    await run(`UPDATE upstream_account SET status = 'login_required', status_reason = 'invalid_grant'`);
    const shared = ownState();
    const [here, there] = [services(shared), services(shared)];
    await there.changes.onModuleInit();
    expect(await there.pool.snapshot(POOL)).toMatchObject([{ status: 'login_required' }]);
    const heard = new Promise<string>((told) => there.changes.listen(told));
    const [{ account, outcome }] = await Promise.all([here.accounts.relinkAuthJson(id, renewed()), heard]);
    expect([outcome, account]).toEqual([
      'updated',
      expect.objectContaining({ id, status: 'active', credentialEpoch: 2, label: 'alice' }),
    ]);
    expect(account).not.toHaveProperty('statusReason');
    expect(await there.pool.snapshot(POOL)).toMatchObject([{ status: 'active', credentialEpoch: 2 }]);
    expect(await there.credentials.access({ id, credentialEpoch: 2 })).toMatchObject({
      accessToken: fakeLogin({ generation: 1 }).accessToken,
    });
    expect(here.added).toEqual([{ name: 'catalog', data: { accountId: id } }]);
  });

  it.each([
    ['pause', 'paused', 3],
    ['drain', 'draining', 2],
  ] as const)('does not undo its operator’s %s', async (action, status, epoch) => {
    const id = await imported();
    const { lifecycle, accounts } = services();
    await lifecycle[action](id);
    const { account } = await accounts.relinkAuthJson(id, renewed());
    expect(account).toMatchObject({ status, credentialEpoch: epoch });
  });

  it('may have another plan and seat', async () => {
    const id = await imported({ plan: 'pro', seatType: 'standard' });
    const { account } = await services().accounts.relinkAuthJson(
      id,
      renewed({ plan: 'free', seatType: 'usage_based' }),
    );
    expect(account).toMatchObject({ plan: 'free', seatType: 'usage_based' });
  });

  it.each<[string, FakeLoginOptions, FakeLoginOptions]>([
    ['account', { workspaceId: 'w1' }, { workspaceId: 'w1', accountId: 'other', userId: 'user_of_acc_simulated_1' }],
    ['user', { workspaceId: 'w1' }, { workspaceId: 'w1', userId: 'other' }],
    ['workspace', { workspaceId: 'w1' }, { workspaceId: 'w2' }],
  ])('is refused when it is of another %s, and nothing changes', async (_, before, given) => {
    const id = await imported(before);
    const { accounts } = services();
    const known = await accounts.list();
    await expect(accounts.relinkAuthJson(id, renewed(given))).rejects.toMatchObject({ reason: 'identity_mismatch' });
    expect(await accounts.list()).toEqual(known);
  });

  it.each<[string, FakeLoginOptions, FakeLoginOptions]>([
    ['the account', {}, { workspaceId: 'w1' }],
    ['the login', { workspaceId: 'w1' }, {}],
  ])('is taken when %s names no workspace; the one that is known is kept', async (_, before, given) => {
    const id = await imported(before);
    const { account } = await services().accounts.relinkAuthJson(id, renewed(given));
    expect(account).toMatchObject({ id, workspaceId: 'w1', credentialEpoch: 2 });
  });

  it('is refused when its workspace has an account of its own', async () => {
    await imported({ workspaceId: 'w1' }, 'one');
    await imported({ workspaceId: 'w2' }, 'two');
    await run(`UPDATE upstream_account SET external_workspace_id = NULL WHERE label = 'two'`);
    const { accounts } = services();
    const two = await accounts.findByLabel('two');
    if (two === undefined) throw new Error('no such account');
    const relinking = accounts.relinkAuthJson(two.id, renewed({ workspaceId: 'w1' }));
    await expect(relinking).rejects.toMatchObject({ reason: 'identity_conflict' });
  });

  it('is nothing to one that was never there, or no more', async () => {
    const { accounts, lifecycle } = services();
    const relink = (id: AccountId) => accounts.relinkAuthJson(id, renewed());
    await expect(relink(randomUUID() as AccountId)).rejects.toMatchObject({ reason: 'account_unknown' });
    const id = await imported();
    await lifecycle.delete(id);
    await expect(relink(id)).rejects.toMatchObject({ reason: 'account_deleted' });
  });

  it('does not bring back tokens that it had before, whichever of them come again', async () => {
    const id = await imported();
    const { accounts } = services();
    await accounts.relinkAuthJson(id, renewed());
    for (const generation of [0, 1]) {
      const again = await accounts.importAuthJson(fakeLogin({ generation }).authJson, { label: 'alice' });
      expect([again.outcome, again.account.credentialEpoch]).toEqual(['unchanged', 2]);
    }
  });
});
