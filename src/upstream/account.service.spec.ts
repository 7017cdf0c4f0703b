import type { PoolId } from '../core/index.js';
import { useDatabase } from '../../test/support/database.js';
import { fakeLogin } from '../../test/support/fake-login.js';
import { BOX, FakeKind, POOL, upstreamServices } from '../../test/support/upstream-services.js';
import { AccountLabelRefused } from './account-label-refused.js';
import { AuthJsonRejected } from './auth-json-rejected.js';
import { openToken } from './sealed-tokens.js';

interface StoredRow {
  readonly access_token: Buffer;
  readonly refresh_token: Buffer;
  readonly status: string;
}

describe('importing a login', () => {
  const database = useDatabase();
  const services = () => upstreamServices(database.dataSource(), new FakeKind());
  const stored = async (id: string): Promise<StoredRow> => {
    const sql = 'SELECT access_token, refresh_token, status FROM upstream_account WHERE id = $1';
    const [row] = await database.dataSource().query<StoredRow[]>(sql, [id]);
    if (!row) throw new Error('no such row');
    return row;
  };
  const run = (sql: string): Promise<unknown> => database.dataSource().query(sql);
  beforeEach(() => run('TRUNCATE upstream_account CASCADE'));

  it('makes an active account that serves the Pool, and asks for its catalog', async () => {
    const { accounts, added } = services();
    const login = fakeLogin({ plan: 'team' });
    const { account, outcome } = await accounts.importAuthJson(login.authJson, { label: ' alice ', poolId: POOL });
    expect([outcome, account]).toEqual([
      'created',
      expect.objectContaining({ label: 'alice', status: 'active', plan: 'team', poolIds: [POOL], credentialEpoch: 1 }),
    ]);
    expect(added).toEqual([{ name: 'catalog', data: { accountId: account.id } }]);
    expect(await accounts.findByLabel('alice')).toEqual(account);
    expect(await accounts.list(POOL)).toEqual([account]);
    expect(await accounts.list('00000000-0000-4000-8000-0000000000b2' as PoolId)).toEqual([]);
  });

  it('stores tokens sealed, each for its own row and column', async () => {
    const login = fakeLogin();
    const { account } = await services().accounts.importAuthJson(login.authJson, { label: 'alice' });
    const row = await stored(account.id);
    expect(row.access_token.includes(login.accessToken)).toBe(false);
    expect(openToken(BOX, account.id, 'access_token', row.access_token)).toBe(login.accessToken);
    expect(() => openToken(BOX, account.id, 'access_token', row.refresh_token)).toThrow();
  });

  it('replaces the tokens of a login that is there already, whatever state it was in', async () => {
    const { accounts } = services();
    const { account } = await accounts.importAuthJson(fakeLogin().authJson, { label: 'alice', poolId: POOL });
    await run(`UPDATE upstream_account SET status = 'login_required', status_reason = 'invalid_grant',
                      cooling_until = now() + interval '1 hour', cooling_reason = 'upstream_account_rejected'`);
    const again = fakeLogin({ generation: 1 });
    const second = await accounts.importAuthJson(again.authJson, { label: 'alice', poolId: POOL });
    expect(second.outcome).toBe('updated');
    expect(second.account).toMatchObject({ id: account.id, status: 'active', credentialEpoch: 2 });
    expect(second.account).not.toHaveProperty('statusReason');
    expect(second.account).not.toHaveProperty('coolingUntilMs');
    const row = await stored(account.id);
    expect(openToken(BOX, account.id, 'access_token', row.access_token)).toBe(again.accessToken);
  });

  it('does not bring back the tokens of a file that was applied before', async () => {
    const { accounts } = services();
    const { authJson } = fakeLogin();
    const { account } = await accounts.importAuthJson(authJson, { label: 'alice' });
    const again = await accounts.importAuthJson(authJson, { label: 'alice', poolId: POOL });
    expect([again.outcome, again.account.credentialEpoch, again.account.poolIds]).toEqual(['unchanged', 1, [POOL]]);
    await run(`UPDATE upstream_account SET status = 'login_required'`);
    const revived = await accounts.importAuthJson(authJson, { label: 'alice' });
    expect([revived.outcome, revived.account.status]).toEqual(['updated', 'active']);
    expect(revived.account.id).toBe(account.id);
  });

  it('keeps the same person in two workspaces, and two persons in one, apart', async () => {
    const { accounts } = services();
    const logins = [
      { accountId: 'w1', userId: 'u1' },
      { accountId: 'w2', userId: 'u1' },
      { accountId: 'w1', userId: 'u2' },
    ];
    for (const [index, login] of logins.entries()) {
      await accounts.importAuthJson(fakeLogin(login).authJson, { label: `account ${index}` });
    }
    expect(await accounts.list()).toHaveLength(3);
  });

  it('gives each workspace of a person an account, with its plan and seat', async () => {
    const { accounts } = services();
    for (const workspaceId of ['w1', 'w2']) {
      const login = fakeLogin({ workspaceId, plan: 'team', seatType: 'standard' });
      const { account } = await accounts.importAuthJson(login.authJson, { label: workspaceId });
      expect(account).toMatchObject({ workspaceId, plan: 'team', seatType: 'standard' });
    }
    expect(await accounts.list()).toHaveLength(2);
  });

  it('fills in the workspace of an account that was imported before it was known', async () => {
    const { accounts } = services();
    const { account } = await accounts.importAuthJson(fakeLogin().authJson, { label: 'alice' });
    expect(account).not.toHaveProperty('workspaceId');
    const known = fakeLogin({ workspaceId: 'w1', generation: 1 }).authJson;
    const told = await accounts.importAuthJson(known, { label: 'alice' });
    expect(told.account).toMatchObject({ id: account.id, workspaceId: 'w1', credentialEpoch: 2 });
    await run('UPDATE upstream_account SET external_workspace_id = NULL');
    const again = await accounts.importAuthJson(known, { label: 'alice' });
    expect(again).toMatchObject({ outcome: 'unchanged', account: { id: account.id, workspaceId: 'w1' } });
  });

  it('makes one account of one login that is imported twice at once', async () => {
    const { accounts } = services();
    const outcomes = await Promise.all(
      [1, 2, 3, 4].map(async (generation) => {
        const { authJson } = fakeLogin({ generation });
        return (await accounts.importAuthJson(authJson, { label: 'alice' })).outcome;
      }),
    );
    expect(outcomes.sort()).toEqual(['created', 'updated', 'updated', 'updated']);
    expect(await accounts.list()).toHaveLength(1);
  });

  it('treats logins that name no account and no user as one', async () => {
    const insert = `INSERT INTO upstream_account (id, kind, label, status, access_token, credential_epoch)
                    VALUES (gen_random_uuid(), 'codex', 'a', 'active', '', 1)`;
    await run(insert);
    await expect(run(insert.replace("'a'", "'b'"))).rejects.toThrow('upstream_account_slot_uq');
  });

  it('refuses a label that another login has, one that is blank, and one that is too long', async () => {
    const { accounts } = services();
    await accounts.importAuthJson(fakeLogin({ accountId: 'w1' }).authJson, { label: 'alice' });
    const other = fakeLogin({ accountId: 'w2' }).authJson;
    for (const label of ['alice', ' ', 'x'.repeat(101)]) {
      await expect(accounts.importAuthJson(other, { label })).rejects.toBeInstanceOf(AccountLabelRefused);
    }
    expect(await accounts.list()).toHaveLength(1);
  });

  it('gives a login the label that it was last imported with', async () => {
    const { accounts } = services();
    const { authJson } = fakeLogin();
    await accounts.importAuthJson(authJson, { label: 'alice' });
    const { account } = await accounts.importAuthJson(authJson, { label: 'bob' });
    expect([account.label, await accounts.findByLabel('alice')]).toEqual(['bob', undefined]);
  });

  it('stores nothing of a file that is refused', async () => {
    const { accounts } = services();
    await expect(accounts.importAuthJson('{}', { label: 'alice' })).rejects.toBeInstanceOf(AuthJsonRejected);
    expect(await accounts.list()).toEqual([]);
  });
});
