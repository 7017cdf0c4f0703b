import { GatewayError, noQuota } from '../core/index.js';
import { useDatabase } from '../../test/support/database.js';
import { fakeLogin } from '../../test/support/fake-login.js';
import { FakeKind, POOL, upstreamServices } from '../../test/support/upstream-services.js';

describe('an account that asks for itself', () => {
  const database = useDatabase();
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account CASCADE'));
  const login = fakeLogin({ accountId: 'acc-1', userId: 'one' });

  const start = async () => {
    const process = upstreamServices(database.dataSource(), new FakeKind());
    const { account } = await process.accounts.importAuthJson(login.authJson, { label: 'alice', poolId: POOL });
    const ask = (externalId: string, token: string) =>
      process.callers.usageOf(externalId, token, Date.now()).catch((error: unknown) => GatewayError.from(error).code);
    return { ask, id: account.id, ...process };
  };

  it('learns of its own windows by its current token', async () => {
    const { ask, quota, id, accounts } = await start();
    const namesake = fakeLogin({ accountId: 'acc-1', userId: 'two' });
    await accounts.importAuthJson(namesake.authJson, { label: 'bob', poolId: POOL });
    const window = { limitId: 'codex', windowMinutes: 300, usedPercent: 12, resetsAtMs: Date.now() + 60_000 };
    quota.saw({ id, credentialEpoch: 1 }, { ...noQuota('headers'), windows: [window] }, Date.now());
    expect(await ask('acc-1', login.accessToken)).toMatchObject({
      plan: 'pro',
      capacity: { allowed: true, windows: [{ usedPercent: 12 }] },
    });
    expect(await ask('acc-1', namesake.accessToken)).toMatchObject({ capacity: { windows: [] } });
    await quota.flush();
  });

  it.each([
    ['another token', 'acc-1', 'other'],
    ['no token', 'acc-1', ''],
    ['the id of another account', 'acc-2', login.accessToken],
    ['its refresh token', 'acc-1', login.refreshToken],
  ])('is nobody with %s', async (_, externalId, token) => {
    const { ask } = await start();
    expect(await ask(externalId, token)).toBe('invalid_authorization');
  });

  it('is nobody with a token that was refreshed since, or cannot be opened any more', async () => {
    const { ask, id } = await start();
    await database.dataSource().query(`UPDATE upstream_account SET access_token = '\\x00' WHERE id = $1`, [id]);
    expect([await ask('acc-1', login.accessToken), await ask('acc-1', '')]).toEqual([
      'invalid_authorization',
      'invalid_authorization',
    ]);
  });

  it.each([
    ['is paused', `UPDATE upstream_account SET status = 'paused'`],
    ['needs a new login', `UPDATE upstream_account SET status = 'login_required'`],
    ['is paused in its Pool', `UPDATE pool_account SET status = 'paused'`],
    ['serves no Pool', 'DELETE FROM pool_account'],
  ])('is told so when it %s', async (_, sql) => {
    const { ask } = await start();
    await database.dataSource().query(sql);
    expect(await ask('acc-1', login.accessToken)).toBe('invalid_chatgpt_account');
  });
});
