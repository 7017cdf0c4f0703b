import { Logger } from '@nestjs/common';
import { LoginRequired, type AccountId } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { fakeLogin } from '../../../test/support/fake-login.js';
import { LoginFamilies } from '../../../test/support/login-families.js';
import { Replica } from '../../../test/support/replica.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** An account's own margin is at most a fifth longer than what it is for all. */
const LONGEST = 1.2;

describe('the tokens that are due', () => {
  const database = useDatabase();
  const endsAtMs = Math.floor(Date.now() / 1000) * 1000 + 10 * DAY_MS;
  const logins = new LoginFamilies(endsAtMs + 10 * DAY_MS);
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account CASCADE'));

  const replica = () => new Replica(database.dataSource(), (token) => logins.refresh(token));
  const start = async () => {
    const process = replica();
    const login = logins.login('alice');
    const id = await process.link(
      fakeLogin({ accountId: 'alice', refreshToken: login.refreshToken, expiresAtMs: endsAtMs }).authJson,
      'alice',
    );
    const set = (columns: string, ...values: unknown[]) =>
      database.dataSource().query(`UPDATE upstream_account SET ${columns} WHERE id = $1`, [id, ...values]);
    const isDue = async (beforeEndMs: number) => (await process.tokens.list(endsAtMs - beforeEndMs)).length === 1;
    return { process, id, set, isDue, tokens: process.tokens };
  };
  const stateOf = async (id: AccountId) => {
    const sql = `SELECT status, status_reason, refresh_state, refresh_failures, refresh_answers_lost,
                        extract(epoch FROM refresh_not_before - now())::float8 AS wait_s
                   FROM upstream_account WHERE id = $1`;
    const [row] = await database.dataSource().query<Record<string, unknown>[]>(sql, [id]);
    return row;
  };

  it('are those that end within the margin, when nothing is known of their life', async () => {
    const { isDue, set } = await start();
    await set('access_token_issued_at = NULL');
    expect([await isDue(10 * MINUTE_MS * LONGEST), await isDue(10 * MINUTE_MS - 1)]).toEqual([false, true]);
  });

  it('are those in the last tenth of a long life', async () => {
    const { isDue, set } = await start();
    await set('access_token_issued_at = $2', new Date(endsAtMs - 10 * DAY_MS));
    expect([await isDue(DAY_MS * LONGEST), await isDue(DAY_MS - 1)]).toEqual([false, true]);
  });

  it('are not those that are short of life from the start, before half of it is over', async () => {
    const { isDue, set } = await start();
    await set('access_token_issued_at = $2', new Date(endsAtMs - 8 * MINUTE_MS));
    expect([await isDue(4 * MINUTE_MS * LONGEST), await isDue(4 * MINUTE_MS - 1)]).toEqual([false, true]);
  });

  it('are due at a moment of each account’s own, always the same', async () => {
    const { tokens, process } = await start();
    for (let index = 0; index < 20; index += 1) {
      const { authJson } = fakeLogin({ accountId: `other${index}`, expiresAtMs: endsAtMs });
      await process.link(authJson, `other${index}`);
    }
    const dueAt = async (share: number) => (await tokens.list(endsAtMs - 10 * MINUTE_MS * share)).length;
    const some = await dueAt(1.1);
    expect(some).toBeGreaterThan(2);
    expect(some).toBeLessThan(19);
    expect([await dueAt(1.1), await dueAt(0.999)]).toEqual([some, 21]);
  });

  it('are those of paused accounts too, later but in time, and of draining ones', async () => {
    const { isDue, set } = await start();
    await set(`access_token_issued_at = $2, status = 'paused'`, new Date(endsAtMs - 10 * DAY_MS));
    expect([await isDue(10 * MINUTE_MS * LONGEST), await isDue(10 * MINUTE_MS - 1)]).toEqual([false, true]);
    await set(`status = 'draining'`);
    expect(await isDue(DAY_MS - 1)).toBe(true);
  });

  it('are not those of accounts without a login, or that somebody is at', async () => {
    const { isDue, set } = await start();
    await set(`status = 'login_required'`);
    expect(await isDue(0)).toBe(false);
    await set(`status = 'active', refresh_state = 'in_flight', refresh_started_at = now()`);
    expect(await isDue(0)).toBe(false);
    await set(`refresh_state = 'idle', refresh_token = NULL`);
    expect(await isDue(0)).toBe(false);
  });

  it('wait after a failure, longer after each', async () => {
    const { process, id, tokens, set } = await start();
    const away = () => Promise.reject(Object.assign(new Error('away'), { detail: { unsent: true } }));
    const waits: unknown[] = [];
    for (const bound of [30, 60]) {
      process.next(away);
      await set(`refresh_state = 'idle', refresh_answers_lost = 0, refresh_not_before = NULL`);
      await expect(tokens.refresh(id, endsAtMs)).rejects.toThrow('away');
      const { wait_s } = (await stateOf(id)) as { wait_s: number };
      waits.push(wait_s > bound * 0.7 && wait_s <= bound);
    }
    expect(waits).toEqual([true, true]);
    await set('refresh_not_before = $2', new Date(endsAtMs));
    expect([await tokens.refresh(id, endsAtMs - 1), await tokens.refresh(id, endsAtMs)]).toEqual([
      'still_fresh',
      'refreshed',
    ]);
    expect(await stateOf(id)).toMatchObject({ refresh_state: 'idle', refresh_failures: 0, wait_s: null });
  });

  it('are refreshed once by two workers that have the same job', async () => {
    const { id } = await start();
    const workers = [replica(), replica()];
    const refreshes = logins.refreshes;
    await Promise.all(workers.map(({ tokens }) => tokens.refresh(id, endsAtMs)));
    expect([logins.refreshes - refreshes, logins.reuses]).toEqual([1, 0]);
    expect(await workers[0]?.tokens.refresh(id, Date.now())).toBe('still_fresh');
  });

  it('that a dead worker left behind are told to be of unknown outcome, and tried once more near their end', async () => {
    const { id, set, tokens, isDue } = await start();
    const worker = replica();
    worker.next((_, { die }) => die.call(worker));
    void worker.tokens.refresh(id, endsAtMs);
    await inFlight(id);
    expect(await tokens.list(endsAtMs)).toEqual([]);
    await set(`refresh_started_at = refresh_started_at - interval '51 s'`);
    expect(await isDue(5 * MINUTE_MS * LONGEST)).toBe(false);
    expect(await stateOf(id)).toMatchObject({ refresh_state: 'outcome_unknown', refresh_answers_lost: 1 });
    await set('refresh_not_before = NULL');
    expect(await isDue(5 * MINUTE_MS - 1)).toBe(true);
    expect(await tokens.refresh(id, endsAtMs)).toBe('refreshed');
    expect(await stateOf(id)).toMatchObject({ refresh_state: 'idle', refresh_answers_lost: 0, status: 'active' });
  });

  it('that two workers in a row left behind need a new login', async () => {
    const { id, set, tokens } = await start();
    await set(`refresh_state = 'in_flight', refresh_answers_lost = 1, refresh_started_at = now() - interval '51 s'`);
    await tokens.list(Date.now());
    expect(await stateOf(id)).toMatchObject({ status: 'login_required', status_reason: 'refresh_outcome_unknown' });
  });

  it('that are refused end the account’s time', async () => {
    const { id, process, tokens } = await start();
    process.next(() => Promise.reject(new LoginRequired('invalid_grant')));
    await expect(tokens.refresh(id, endsAtMs)).rejects.toEqual(new LoginRequired('invalid_grant'));
    expect(await stateOf(id)).toMatchObject({ status: 'login_required', status_reason: 'invalid_grant' });
  });

  const inFlight = async (id: AccountId): Promise<void> => {
    while ((await stateOf(id))?.['refresh_state'] !== 'in_flight') await new Promise(setImmediate);
  };
});
