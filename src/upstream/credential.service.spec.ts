import { Logger } from '@nestjs/common';
import { LoginRequired, type AccountId } from '../core/index.js';
import { useDatabase } from '../../test/support/database.js';
import { fakeLogin } from '../../test/support/fake-login.js';
import { FakeKind, ownState, POOL, upstreamServices } from '../../test/support/upstream-services.js';

describe('credentials', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  const database = useDatabase();
  const imported = async (kind: FakeKind): Promise<AccountId> => {
    const { accounts } = upstreamServices(database.dataSource(), kind);
    await database.dataSource().query('TRUNCATE upstream_account CASCADE');
    return (await accounts.importAuthJson(fakeLogin().authJson, { label: 'alice', poolId: POOL })).account.id;
  };
  const next = fakeLogin({ generation: 1, plan: 'team', expiresAtMs: 1_900_000_000_000 });
  const rotate = async () => ({
    accessToken: next.accessToken,
    refreshToken: next.refreshToken,
    idToken: next.idToken,
  });

  it('are refreshed by one provider call for 50 calls at once in two processes (trap 43)', async () => {
    const kind = new FakeKind();
    const id = await imported(kind);
    kind.onRefresh = rotate;
    const shared = ownState();
    const processes = [1, 2].map(() => upstreamServices(database.dataSource(), kind, shared));
    const calls = Array.from({ length: 25 }, () => processes.map(({ credentials }) => credentials.refreshed(id, 1)));
    const refreshed = await Promise.all(calls.flat());
    expect(kind.refreshedWith).toEqual([fakeLogin().refreshToken]);
    expect(new Set(refreshed.map((access) => access.accessToken))).toEqual(new Set([next.accessToken]));
    expect(new Set(refreshed.map((access) => access.credentialEpoch))).toEqual(new Set([2]));
  });

  it('are stored with their new end and plan before anybody else may refresh', async () => {
    const kind = new FakeKind();
    const id = await imported(kind);
    kind.onRefresh = rotate;
    const first = upstreamServices(database.dataSource(), kind);
    await first.credentials.refreshed(id, 1);
    expect(await first.accounts.findByLabel('alice')).toMatchObject({
      credentialEpoch: 2,
      plan: 'team',
      accessTokenExpiresAtMs: 1_900_000_000_000,
      lastRefreshedAtMs: expect.any(Number) as number,
    });
    await upstreamServices(database.dataSource(), kind).credentials.refreshed(id, 2);
    expect(kind.refreshedWith).toEqual([fakeLogin().refreshToken, next.refreshToken]);
  });

  it('keep the refresh token that the provider did not rotate', async () => {
    const kind = new FakeKind();
    const id = await imported(kind);
    kind.onRefresh = async () => ({ accessToken: next.accessToken });
    const { credentials } = upstreamServices(database.dataSource(), kind);
    await credentials.refreshed(id, 1);
    await credentials.refreshed(id, 2);
    expect(kind.refreshedWith).toEqual([fakeLogin().refreshToken, fakeLogin().refreshToken]);
  });

  it('that somebody changed since are given as they are', async () => {
    const kind = new FakeKind();
    const id = await imported(kind);
    const other = upstreamServices(database.dataSource(), kind);
    await other.accounts.importAuthJson(next.authJson, { label: 'alice' });
    const access = await upstreamServices(database.dataSource(), kind).credentials.refreshed(id, 1);
    expect([access.accessToken, access.credentialEpoch, kind.refreshedWith]).toEqual([next.accessToken, 2, []]);
  });

  it('whose refresh token was used before take the account out of every snapshot at once (trap 43)', async () => {
    const kind = new FakeKind();
    const id = await imported(kind);
    kind.onRefresh = async () => Promise.reject(new LoginRequired('refresh_token_reused'));
    const { credentials, pool, accounts } = upstreamServices(database.dataSource(), kind);
    expect(await pool.snapshot(POOL)).toHaveLength(1);
    await expect(credentials.refreshed(id, 1)).rejects.toEqual(new LoginRequired('refresh_token_reused'));
    expect(await pool.snapshot(POOL)).toMatchObject([{ status: 'login_required' }]);
    expect(await accounts.findByLabel('alice')).toMatchObject({
      status: 'login_required',
      statusReason: 'refresh_token_reused',
    });
    await expect(credentials.refreshed(id, 1)).rejects.toEqual(new LoginRequired('refresh_token_reused'));
    expect(kind.refreshedWith).toHaveLength(1);
  });

  it('without a refresh token need a new login', async () => {
    const kind = new FakeKind();
    const id = await imported(kind);
    await database.dataSource().query('UPDATE upstream_account SET refresh_token = NULL');
    const { credentials } = upstreamServices(database.dataSource(), kind);
    await expect(credentials.refreshed(id, 1)).rejects.toEqual(new LoginRequired('no_refresh_token'));
  });

  it('stay as they were when the login server fails, and can be tried again', async () => {
    const kind = new FakeKind();
    const id = await imported(kind);
    kind.onRefresh = async () => Promise.reject(new Error('away'));
    const { credentials, pool } = upstreamServices(database.dataSource(), kind);
    await expect(credentials.refreshed(id, 1)).rejects.toThrow('away');
    expect(await pool.snapshot(POOL)).toMatchObject([{ status: 'active', credentialEpoch: 1 }]);
    kind.onRefresh = rotate;
    expect((await credentials.refreshed(id, 1)).credentialEpoch).toBe(2);
  });

  it('that come too late, after a new login, are thrown away (trap 43)', async () => {
    const kind = new FakeKind();
    const id = await imported(kind);
    const newer = fakeLogin({ generation: 2 });
    kind.onRefresh = async () => {
      await upstreamServices(database.dataSource(), kind).accounts.importAuthJson(newer.authJson, { label: 'alice' });
      return rotate();
    };
    const { credentials } = upstreamServices(database.dataSource(), kind);
    expect(await credentials.refreshed(id, 1)).toMatchObject({ accessToken: newer.accessToken, credentialEpoch: 2 });
    expect((await credentials.access({ id, credentialEpoch: 2 })).accessToken).toBe(newer.accessToken);
  });

  it('are opened once per epoch', async () => {
    const kind = new FakeKind();
    const id = await imported(kind);
    const { credentials } = upstreamServices(database.dataSource(), kind);
    const first = await credentials.access({ id, credentialEpoch: 1 });
    expect(await credentials.access({ id, credentialEpoch: 1 })).toBe(first);
    await upstreamServices(database.dataSource(), kind).accounts.importAuthJson(next.authJson, { label: 'alice' });
    expect(await credentials.access({ id, credentialEpoch: 2 })).toMatchObject({
      accessToken: next.accessToken,
      externalAccountId: next.accountId,
      credentialEpoch: 2,
    });
  });

  it('that cannot be read are nobody’s failure but the database’s, and nobody was asked', async () => {
    const kind = new FakeKind();
    const id = await imported(kind);
    const { credentials } = upstreamServices(database.dataSource(), kind);
    const query = jest.spyOn(database.dataSource(), 'query').mockRejectedValue(new Error('away'));
    await expect(credentials.access({ id, credentialEpoch: 1 })).rejects.toMatchObject({
      code: 'settings_unavailable',
      detail: { unsent: true },
    });
    query.mockRestore();
  });

  it('that cannot be opened are the account’s failure, not ours', async () => {
    const kind = new FakeKind();
    const id = await imported(kind);
    await database.dataSource().query(`UPDATE upstream_account SET access_token = 'damaged'`);
    const { credentials } = upstreamServices(database.dataSource(), kind);
    await expect(credentials.access({ id, credentialEpoch: 1 })).rejects.toMatchObject({
      code: 'upstream_account_rejected',
    });
  });
});
