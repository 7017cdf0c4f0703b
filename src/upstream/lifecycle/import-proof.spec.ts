import { Logger } from '@nestjs/common';
import { LoginRequired, type PoolId } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { fakeLogin } from '../../../test/support/fake-login.js';
import { FakeKind, POOL, upstreamServices } from '../../../test/support/upstream-services.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

const login = (accountId: string, generation = 0) => fakeLogin({ accountId, generation });

/** A login server: each refresh token works once; those of `dead` never do. */
class Server extends FakeKind {
  away = false;

  constructor(dead: readonly string[] = []) {
    super();
    const spent = new Set(dead);
    this.onRefresh = async (refreshToken) => {
      if (this.away) throw new Error('away');
      if (spent.has(refreshToken)) throw new LoginRequired('invalid_grant');
      spent.add(refreshToken);
      const [, accountId = '', generation] = /^rt_(.*)_(\d+)$/.exec(refreshToken) ?? [];
      const next = login(accountId, Number(generation) + 1);
      return { accessToken: next.accessToken, refreshToken: next.refreshToken, idToken: next.idToken };
    };
  }
}

describe('a refresh token that is proven when its login is imported', () => {
  const database = useDatabase();
  const run = (sql: string): Promise<Record<string, unknown>[]> => database.dataSource().query(sql);
  const at = (server: Server) => upstreamServices(database.dataSource(), server);
  const proving = (label: string) => ({ label, poolId: POOL, prove: true });
  beforeEach(() => run('TRUNCATE upstream_account CASCADE'));

  it('is used once, and the account has what came of it', async () => {
    const server = new Server();
    const { accounts, credentials, pool } = at(server);
    const imported = await accounts.importAuthJson(login('a').authJson, proving('a'));
    expect(imported).toMatchObject({ outcome: 'created', proof: 'proven', account: { credentialEpoch: 2 } });
    expect(server.refreshedWith).toEqual(['rt_a_0']);
    const [account] = await pool.snapshot(POOL);
    expect(account && (await credentials.access(account)).accessToken).toBe(login('a', 1).accessToken);
  });

  it('is not used again when the same file comes again', async () => {
    const server = new Server();
    const { accounts } = at(server);
    for (const outcome of ['created', 'unchanged']) {
      expect(await accounts.importAuthJson(login('a').authJson, proving('a'))).toMatchObject({ outcome });
    }
    expect(server.refreshedWith).toHaveLength(1);
  });

  it('is not used when nobody asks for it', async () => {
    const server = new Server();
    const imported = await at(server).accounts.importAuthJson(login('a').authJson, { label: 'a' });
    expect([imported.proof, server.refreshedWith]).toEqual(['unasked', []]);
  });

  it('and dead makes no account; the provider is not asked about it twice', async () => {
    const server = new Server(['rt_a_0']);
    const { accounts, pool } = at(server);
    const importing = () => accounts.importAuthJson(login('a').authJson, proving('a'));
    const refusal = { reason: 'login_dead', providerReason: 'invalid_grant' };
    await expect(importing()).rejects.toMatchObject(refusal);
    await expect(importing()).rejects.toMatchObject(refusal);
    expect(server.refreshedWith).toHaveLength(1);
    expect([await accounts.list(), await pool.snapshot(POOL)]).toEqual([[], []]);
    expect(await run('SELECT access_token, refresh_token FROM upstream_account')).toEqual([
      { access_token: null, refresh_token: null },
    ]);
    expect(await accounts.importAuthJson(login('a', 1).authJson, proving('a'))).toMatchObject({ outcome: 'created' });
  });

  it.each(['active', 'paused', 'draining'])('and dead takes nothing from an account that is %s', async (status) => {
    const server = new Server(['rt_a_7']);
    const { accounts, credentials } = at(server);
    const { account } = await accounts.importAuthJson(login('a').authJson, { label: 'a', poolId: POOL });
    await run(`UPDATE upstream_account SET status = '${status}'`);
    await expect(accounts.importAuthJson(login('a', 7).authJson, proving('b'))).rejects.toMatchObject({
      reason: 'login_dead',
    });
    expect(await accounts.list()).toMatchObject([{ id: account.id, label: 'a', status }]);
    expect((await credentials.access({ id: account.id, credentialEpoch: 3 })).accessToken).toBe(login('a').accessToken);
    expect((await credentials.refreshed(account.id, 3)).accessToken).toBe(login('a', 1).accessToken);
    expect(await accounts.importAuthJson(login('a', 7).authJson, proving('a'))).toMatchObject({ outcome: 'unchanged' });
    expect(server.refreshedWith).toEqual(['rt_a_7', 'rt_a_0']);
  });

  it('and dead leaves an account without a login as it was', async () => {
    const server = new Server(['rt_a_7']);
    const { accounts } = at(server);
    await accounts.importAuthJson(login('a').authJson, { label: 'a' });
    await run(`UPDATE upstream_account SET status = 'login_required', status_reason = 'refresh_token_reused'`);
    for (const generation of [0, 7]) {
      const importing = accounts.importAuthJson(login('a', generation).authJson, proving('a'));
      await expect(importing).rejects.toMatchObject({ reason: 'login_dead' });
    }
    expect(await accounts.list()).toMatchObject([{ status: 'login_required', statusReason: 'refresh_token_reused' }]);
    expect(server.refreshedWith).toEqual(['rt_a_7']);
  });

  it('waits for a refresh of the tokens that it replaces', async () => {
    const server = new Server(['rt_a_7']);
    const { accounts, credentials } = at(server);
    const { account } = await accounts.importAuthJson(login('a').authJson, { label: 'a' });
    const { onRefresh } = server;
    let answer = (): void => undefined;
    const asked = new Promise<void>((isAsked) => {
      server.onRefresh = async (refreshToken) => {
        server.onRefresh = onRefresh;
        isAsked();
        await new Promise<void>((done) => (answer = done));
        return onRefresh(refreshToken);
      };
    });
    const refreshing = credentials.refreshed(account.id, 1);
    await asked;
    const importing = accounts.importAuthJson(login('a', 7).authJson, proving('a'));
    answer();
    await expect(importing).rejects.toMatchObject({ reason: 'login_dead' });
    expect((await refreshing).accessToken).toBe(login('a', 1).accessToken);
    expect((await credentials.refreshed(account.id, 4)).accessToken).toBe(login('a', 2).accessToken);
  });

  it('cannot be when the login server is away: the account serves, unproven', async () => {
    const server = new Server();
    server.away = true;
    const { accounts, pool } = at(server);
    const imported = await accounts.importAuthJson(login('a').authJson, proving('a'));
    expect(imported).toMatchObject({ outcome: 'created', proof: 'unproven' });
    expect(await pool.snapshot(POOL)).toMatchObject([{ status: 'active', credentialEpoch: 1 }]);
  });

  it('says of a login without one that there is nothing to prove', async () => {
    const file = JSON.parse(login('a').authJson) as { tokens: object };
    const text = JSON.stringify({ ...file, tokens: { ...file.tokens, refresh_token: null } });
    expect(await at(new Server()).accounts.importAuthJson(text, proving('a'))).toMatchObject({
      proof: 'no_refresh_token',
    });
  });
});

describe('many logins, one after the other', () => {
  const database = useDatabase();

  it('each have their own end, and none stops another', async () => {
    const server = new Server(['rt_dead_0']);
    const { accounts } = upstreamServices(database.dataSource(), server);
    await accounts.importAuthJson(login('old').authJson, { label: 'old' });
    const taken = async (label: string, text: string): Promise<object> =>
      accounts.importAuthJson(text, { label, poolId: POOL, prove: true }).catch((error: unknown) => error as object);
    expect(await taken('good', login('good').authJson)).toMatchObject({ outcome: 'created', proof: 'proven' });
    expect(await taken('broken', '{')).toMatchObject({ reason: 'invalid_json' });
    expect(await taken('dead', login('dead').authJson)).toMatchObject({ reason: 'login_dead' });
    expect(await taken('old', login('old').authJson)).toMatchObject({ outcome: 'unchanged', proof: 'unasked' });
    expect(await taken(' ', login('nameless').authJson)).toMatchObject({ reason: 'invalid' });
    expect(await taken('better', login('old', 3).authJson)).toMatchObject({ outcome: 'updated', proof: 'proven' });
    expect(await taken('good', login('namesake').authJson)).toMatchObject({ reason: 'taken' });
    expect((await accounts.list(POOL)).map(({ label }) => label)).toEqual(['better', 'good']);
  });

  it('can be kept from accounts that serve other Pools', async () => {
    const { accounts } = upstreamServices(database.dataSource(), new Server());
    const other = '00000000-0000-4000-8000-0000000000a2' as PoolId;
    const taken = (name: string, ...within: PoolId[]) =>
      accounts.importAuthJson(login(name, 5).authJson, {
        label: `${name} again`,
        poolId: POOL,
        within: new Set(within),
      });
    await accounts.importAuthJson(login('both').authJson, { label: 'both', poolId: POOL });
    await accounts.importAuthJson(login('both').authJson, { label: 'both', poolId: other });
    await accounts.importAuthJson(login('none').authJson, { label: 'none' });
    await expect(taken('both', POOL)).rejects.toMatchObject({ reason: 'serves_elsewhere' });
    await expect(taken('none', POOL)).rejects.toMatchObject({ reason: 'serves_elsewhere' });
    expect(await taken('both', POOL, other)).toMatchObject({ outcome: 'updated', account: { label: 'both again' } });
    expect(await taken('new', POOL)).toMatchObject({ outcome: 'created' });
  });
});
