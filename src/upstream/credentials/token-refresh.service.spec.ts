import { Logger } from '@nestjs/common';
import { GatewayError, LoginRequired } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { eventually } from '../../../test/support/eventually.js';
import { linkedAccount } from '../../../test/support/linked-account.js';
import { LoginFamilies } from '../../../test/support/login-families.js';
import { Replica } from '../../../test/support/replica.js';

describe('a token refresh', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  const database = useDatabase();
  const logins = new LoginFamilies();
  const start = () => linkedAccount(database.dataSource(), logins);

  /** Resolves when the login server is asked; it answers when `go` is called. */
  const held = (process: Replica) => {
    let go: () => void = () => undefined;
    const going = new Promise<void>((resolve) => (go = resolve));
    const asked = new Promise<void>((resolve) => {
      process.next(async (ask) => {
        resolve();
        await going;
        return ask();
      });
    });
    return { asked, go };
  };

  it('is told in the row, committed, before the login server is asked', async () => {
    const { first, id, row } = await start();
    const { asked, go } = held(first);
    const refreshed = first.credentials.refreshed(id, 1);
    await asked;
    expect(await row()).toMatchObject({
      refresh_state: 'in_flight',
      refresh_started_at: expect.any(Date) as Date,
      epoch: 1,
    });
    go();
    await refreshed;
    expect(await row()).toMatchObject({ refresh_state: 'idle', refresh_started_at: null, epoch: 2 });
  });

  it('gives its tokens to those who wait in other processes', async () => {
    const { first, second, id, counted } = await start();
    const { asked, go } = held(first);
    const refreshed = first.credentials.refreshed(id, 1);
    await asked;
    const waiting = second.credentials.refreshed(id, 1);
    await eventually(() => expect(second.statements).toBeGreaterThan(2));
    go();
    expect(await waiting).toEqual(await refreshed);
    expect([counted(), second.asked]).toEqual([{ refreshes: 1, reuses: 0 }, []]);
  });

  it('is waited for in other processes for some seconds, and the account then sits out as long', async () => {
    const { first, second, id } = await start();
    const { asked, go } = held(first);
    const refreshed = first.credentials.refreshed(id, 1);
    await asked;
    await expect(second.credentials.refreshed(id, 1)).rejects.toMatchObject({
      code: 'upstream_account_rejected',
      detail: { cooldownMs: 5_000 },
    });
    go();
    await refreshed;
  });

  it('that failed is not repeated by those who waited for it', async () => {
    const { first, second, id, counted, row } = await start();
    let fail: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      first.next(async () => {
        resolve();
        await new Promise<void>((go) => (fail = go));
        throw new GatewayError('upstream_error', 'm', { upstreamStatus: 503 });
      });
    });
    const outcomes = [first.credentials.refreshed(id, 1)];
    await asked;
    outcomes.push(second.credentials.refreshed(id, 1));
    await eventually(() => expect(second.statements).toBeGreaterThan(2));
    fail();
    expect((await Promise.allSettled(outcomes)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect([counted().refreshes, second.asked, await row()]).toMatchObject([
      0,
      [],
      { refresh_state: 'failed', refresh_failures: 1, status: 'active' },
    ]);
    expect((await second.credentials.refreshed(id, 1)).credentialEpoch).toBe(2);
  });

  it('is stored over a connection that breaks, as often as it takes', async () => {
    const { first, second, id, counted, row, holdsItsLogin } = await start();
    first.next(async (ask) => {
      const tokens = await ask();
      first.cut(3);
      return tokens;
    });
    const access = await first.credentials.refreshed(id, 1);
    expect(await second.credentials.access({ id, credentialEpoch: 2 })).toEqual(access);
    expect([await row(), counted(), await holdsItsLogin()]).toMatchObject([
      { refresh_state: 'idle', epoch: 2 },
      { refreshes: 1, reuses: 0 },
      true,
    ]);
  });

  it('that a new login overtakes changes nothing, and its callers get the new login', async () => {
    const { first, second, id, label, row, holdsItsLogin } = await start();
    const { asked, go } = held(first);
    const refreshed = first.credentials.refreshed(id, 1);
    await asked;
    const login = logins.login(label);
    await second.relink(id, login.authJson);
    go();
    expect(await refreshed).toMatchObject({ accessToken: login.accessToken, credentialEpoch: 2 });
    expect([await row(), await first.refreshToken(id), await holdsItsLogin()]).toMatchObject([
      { refresh_state: 'idle', status: 'active' },
      login.refreshToken,
      true,
    ]);
  });

  it('that is refused after a new login came says nothing of that', async () => {
    const { first, second, id, label, row } = await start();
    first.next(async () => {
      await second.relink(id, logins.login(label).authJson);
      throw new LoginRequired('invalid_grant');
    });
    expect((await first.credentials.refreshed(id, 1)).credentialEpoch).toBe(2);
    expect(await row()).toMatchObject({ status: 'active', status_reason: null });
  });

  it('is not lost when its account is paused meanwhile', async () => {
    const { first, second, id, counted, row, holdsItsLogin } = await start();
    const { asked, go } = held(first);
    const refreshed = first.credentials.refreshed(id, 1);
    await asked;
    await second.lifecycle.pause(id);
    go();
    await refreshed;
    expect([await row(), await holdsItsLogin(), counted()]).toMatchObject([
      { status: 'paused', refresh_state: 'idle' },
      true,
      { refreshes: 1, reuses: 0 },
    ]);
  });

  it('of an account that is deleted meanwhile leaves no token behind', async () => {
    const { first, second, id } = await start();
    const { asked, go } = held(first);
    const refreshed = first.credentials.refreshed(id, 1);
    await asked;
    await second.lifecycle.delete(id);
    go();
    await expect(refreshed).rejects.toMatchObject({ code: 'upstream_account_rejected' });
    const sql = 'SELECT access_token, refresh_token, status FROM upstream_account WHERE id = $1';
    expect(await database.dataSource().query(sql, [id])).toEqual([
      { access_token: null, refresh_token: null, status: 'deleted' },
    ]);
  });

  it('whose refresh token was used elsewhere is never repeated', async () => {
    const { first, second, id, row, counted } = await start();
    await logins.refresh(await first.refreshToken(id));
    const reused = new LoginRequired('refresh_token_reused');
    await expect(first.credentials.refreshed(id, 1)).rejects.toEqual(reused);
    await expect(second.credentials.refreshed(id, 1)).rejects.toEqual(reused);
    expect([await row(), counted().reuses]).toMatchObject([
      { status: 'login_required', status_reason: 'refresh_token_reused' },
      1,
    ]);
  });

  it('runs for three accounts at once in a process, and not for more', async () => {
    const process = new Replica(database.dataSource(), (token) => logins.refresh(token));
    const ids = await Promise.all(
      Array.from({ length: 5 }, async (_, index) => {
        const label = `many ${index}`;
        return process.link(logins.login(label).authJson, label);
      }),
    );
    let [inside, most] = [0, 0];
    let open: () => void = () => undefined;
    const three = new Promise<void>((resolve) => (open = resolve));
    const slow = new Replica(database.dataSource(), async (token) => {
      most = Math.max(most, (inside += 1));
      if (inside === 3) open();
      await three;
      const tokens = await logins.refresh(token);
      inside -= 1;
      return tokens;
    });
    await Promise.all(ids.map((id) => slow.credentials.refreshed(id, 1)));
    expect(most).toBe(3);
  });
});
