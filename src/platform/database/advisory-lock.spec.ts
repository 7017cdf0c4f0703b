import { useDatabase } from '../../../test/support/database.js';
import { tryAdvisoryLock, withAdvisoryLock } from './advisory-lock.js';

describe('an advisory lock', () => {
  const database = useDatabase();

  it('is held by one session at a time and free again after its release', async () => {
    const first = await tryAdvisoryLock(database.url(), 'one process');
    expect(first).toBeDefined();
    expect(await tryAdvisoryLock(database.url(), 'one process')).toBeUndefined();
    await first?.release();
    const second = await tryAdvisoryLock(database.url(), 'one process');
    expect(second).toBeDefined();
    await second?.release();
  });

  it('does not stand in the way of a lock of another name', async () => {
    const a = await tryAdvisoryLock(database.url(), 'a');
    const b = await tryAdvisoryLock(database.url(), 'b');
    expect([a, b]).not.toContain(undefined);
    await a?.release();
    await b?.release();
  });

  it('tells its holder when the server ends the session, and is free then', async () => {
    const lock = await tryAdvisoryLock(database.url(), 'fragile');
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = 'codex-pooler lock'`;
    await database.dataSource().query(end);
    await expect(lock?.lost).resolves.toBeUndefined();
    const next = await tryAdvisoryLock(database.url(), 'fragile');
    expect(next).toBeDefined();
    await next?.release();
  });

  it('makes those who want the same work done wait for each other', async () => {
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await database.dataSource().query('SELECT 1');
      order.push(`${name} ends`);
      return name;
    };
    const both = ['x', 'y'].map((name) => withAdvisoryLock(database.url(), 'turns', work(name)));
    expect(await Promise.all(both)).toEqual(['x', 'y']);
    const [first, second] = order[0] === 'x begins' ? ['x', 'y'] : ['y', 'x'];
    expect(order).toEqual([`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`]);
  });

  it('gives up in words when the holder does not end', async () => {
    const lock = await tryAdvisoryLock(database.url(), 'stuck');
    const waiting = withAdvisoryLock(database.url(), 'stuck', () => Promise.resolve(), { waitMs: 0 });
    await expect(waiting).rejects.toThrow("Another process has held the lock 'stuck' for 0 ms.");
    await lock?.release();
  });

  it('is given back when the work fails', async () => {
    const failing = withAdvisoryLock(database.url(), 'failing', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await withAdvisoryLock(database.url(), 'failing', () => Promise.resolve('yes'))).toBe('yes');
  });
});
