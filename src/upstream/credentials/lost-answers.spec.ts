import { Logger } from '@nestjs/common';
import { GatewayError, LoginRequired, type AccountId } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { linkedAccount } from '../../../test/support/linked-account.js';
import { LoginFamilies } from '../../../test/support/login-families.js';
import { Replica } from '../../../test/support/replica.js';

describe('a token refresh', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  const database = useDatabase();
  const logins = new LoginFamilies();
  const replica = () => new Replica(database.dataSource(), (token) => logins.refresh(token));
  const start = async () => {
    const linked = await linkedAccount(database.dataSource(), logins);
    const longAgo = () => linked.set(`refresh_started_at = refresh_started_at - interval '51 s'`);
    return { ...linked, longAgo };
  };
  const broken = () => Promise.reject(new GatewayError('upstream_request_failed', 'reset'));
  const died = async (process: Replica, id: AccountId, epoch: number, after: boolean): Promise<void> => {
    await new Promise<void>((dead) => {
      process.next(async (ask) => {
        if (after) await ask();
        dead();
        return process.die();
      });
      void process.credentials.refreshed(id, epoch);
    });
  };

  it('whose process died before the login server knew of it is made up for', async () => {
    const { first, second, id, longAgo, row, counted } = await start();
    await died(first, id, 1, false);
    await longAgo();
    expect((await second.credentials.refreshed(id, 1)).credentialEpoch).toBe(2);
    expect([await row(), counted()]).toMatchObject([
      { refresh_state: 'idle', refresh_answers_lost: 0, status: 'active' },
      { refreshes: 1, reuses: 0 },
    ]);
  });

  it('whose process died with the answer costs its account the login, and nobody tries twice', async () => {
    const { first, second, id, longAgo, row, counted } = await start();
    await died(first, id, 1, true);
    await longAgo();
    const lost = new LoginRequired('refresh_outcome_unknown');
    await expect(second.credentials.refreshed(id, 1)).rejects.toEqual(lost);
    await expect(replica().credentials.refreshed(id, 1)).rejects.toEqual(lost);
    expect([await row(), counted(), second.asked.length]).toMatchObject([
      { status: 'login_required', status_reason: 'refresh_outcome_unknown', refresh_state: 'failed' },
      { refreshes: 1, reuses: 1 },
      1,
    ]);
  });

  it('without an answer leaves the outcome unknown and the account in use, and is tried once more', async () => {
    const { first, second, id, row } = await start();
    first.next(broken);
    await expect(first.credentials.refreshed(id, 1)).rejects.toThrow('reset');
    expect(await row()).toMatchObject({ status: 'active', refresh_state: 'outcome_unknown', refresh_answers_lost: 1 });
    expect((await second.credentials.refreshed(id, 1)).credentialEpoch).toBe(2);
    expect(await row()).toMatchObject({ refresh_state: 'idle', refresh_failures: 0, refresh_answers_lost: 0 });
  });

  it('without an answer to the second try needs a new login, which clears all that', async () => {
    const { first, id, label, row } = await start();
    first.next(broken);
    await expect(first.credentials.refreshed(id, 1)).rejects.toThrow('reset');
    first.next(broken);
    await expect(first.credentials.refreshed(id, 1)).rejects.toEqual(new LoginRequired('refresh_outcome_unknown'));
    expect(await row()).toMatchObject({ status: 'login_required', status_reason: 'refresh_outcome_unknown' });
    await first.relink(id, logins.login(label).authJson);
    expect(await row()).toMatchObject({ status: 'active', refresh_state: 'idle', refresh_answers_lost: 0 });
  });

  it('that the login server declines to serve does not use up the second try', async () => {
    const { first, id, row } = await start();
    const declined = () => Promise.reject(new GatewayError('upstream_error', 'm', { upstreamStatus: 503 }));
    for (const answer of [broken, declined, declined]) {
      first.next(answer);
      await expect(first.credentials.refreshed(id, 1)).rejects.toThrow(GatewayError);
    }
    expect(await row()).toMatchObject({
      refresh_state: 'outcome_unknown',
      refresh_failures: 3,
      refresh_answers_lost: 1,
    });
    expect((await first.credentials.refreshed(id, 1)).credentialEpoch).toBe(2);
  });
});
