import { useDatabase } from '../../test/support/database.js';
import { ChangeLocks } from './change-locks.service.js';

/** Something that is waited for, and when it comes is somebody else's. */
function held() {
  let release: () => void = () => undefined;
  const until = new Promise<void>((resolve) => (release = resolve));
  return { until, release };
}

describe('changes of one thing', () => {
  const database = useDatabase();
  const locks = () => new ChangeLocks(database.dataSource());
  const rows = () => database.dataSource().query<{ name: string }[]>('SELECT name FROM change_lock');

  it('go one after the other, on every replica, and those of others beside them', async () => {
    const [first, second] = [locks(), locks()];
    const order: string[] = [];
    const begun = held();
    const gate = held();
    const one = first.alone('pool:a', async () => {
      order.push('one begins');
      begun.release();
      await gate.until;
      order.push('one ends');
    });
    await begun.until;
    const two = second.alone('pool:a', () => Promise.resolve(order.push('two')));
    await second.alone('pool:b', () => Promise.resolve(order.push('another thing')));
    gate.release();
    await Promise.all([one, two]);
    expect(order).toEqual(['one begins', 'another thing', 'one ends', 'two']);
    expect(await rows()).toEqual([]);
  });

  it('let the next one go when they fail', async () => {
    await expect(locks().alone('pool:a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await locks().alone('pool:a', () => Promise.resolve('done'))).toBe('done');
  });

  it('say so when the one before takes too long', async () => {
    const gate = held();
    const begun = held();
    const long = locks().alone('pool:a', () => {
      begun.release();
      return gate.until;
    });
    await begun.until;
    await expect(locks().alone('pool:a', () => Promise.resolve())).rejects.toMatchObject({ code: 'conflict' });
    gate.release();
    await long;
  });

  it('go on when whoever made the one before has died', async () => {
    await database
      .dataSource()
      .query("INSERT INTO change_lock VALUES ('pool:a', gen_random_uuid(), now() - interval '1 s')");
    expect(await locks().alone('pool:a', () => Promise.resolve('done'))).toBe('done');
    expect(await rows()).toEqual([]);
  });

  it('that took over from one that was only slow keep their place when it ends', async () => {
    const [slow, next] = [held(), held()];
    const begun = held();
    const first = locks().alone('pool:a', () => {
      begun.release();
      return slow.until;
    });
    await begun.until;
    await database.dataSource().query("UPDATE change_lock SET until = now() - interval '1 s'");
    const second = locks().alone('pool:a', () => {
      slow.release();
      return next.until;
    });
    await first;
    expect(await rows()).toEqual([{ name: 'pool:a' }]);
    next.release();
    await second;
  });
});
