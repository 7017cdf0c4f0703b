import type { INestApplicationContext } from '@nestjs/common';
import { eventually } from '../../../test/support/eventually.js';
import { useRedis } from '../../../test/support/redis.js';
import { QUEUES } from './index.js';
import { OpenQueues } from './open-queues.js';
import { start } from './queues.contract.js';

const HOUR_MS = 3_600_000;
const sweep = { name: 'sweep', everyMs: HOUR_MS, data: { kind: 'sweep' } };
const retention = { name: 'retention', everyMs: 2 * HOUR_MS };

describe('schedules that Redis has lost', () => {
  const redis = useRedis();
  const opened: INestApplicationContext[] = [];
  const open = async () => {
    const started = await start(
      { redisUrl: redis.url(), databaseUrl: 'postgres://unused.invalid/' },
      { processors: false },
    );
    opened.push(started.app);
    const queue = started.app.get(OpenQueues).get(QUEUES.maintenance);
    const stored = async () => (await queue.getJobSchedulers()).map(({ key, every }) => [key, every]).sort();
    return { ...started, queue, stored };
  };
  const both = [
    ['retention', 2 * HOUR_MS],
    ['sweep', HOUR_MS],
  ];
  afterEach(() => Promise.all(opened.splice(0).map((app) => app.close())));
  beforeEach(() => redis.flush());

  it('are there again at the next look, and are done at once', async () => {
    const { schedules, queue, stored } = await open();
    await eventually(async () => expect(await schedules.every(QUEUES.maintenance, sweep)).toBe(true));
    await schedules.every(QUEUES.maintenance, retention);
    await redis.flush();
    expect(await stored()).toEqual([]);
    await schedules.check();
    expect(await stored()).toEqual(both);
    const { waiting = 0, delayed = 0 } = await queue.getJobCounts('waiting', 'delayed');
    expect(waiting + delayed).toBe(2);
  });

  it('are there again as soon as a Redis that came back empty is reached', async () => {
    const { schedules, stored } = await open();
    await eventually(async () => expect(await schedules.every(QUEUES.maintenance, sweep)).toBe(true));
    await schedules.every(QUEUES.maintenance, retention);
    await redis.stop();
    await redis.start();
    await eventually(async () => expect(await stored()).toEqual(both));
  });

  it('stay as they are when nothing is lost: neither their time nor their rounds', async () => {
    const { schedules, queue } = await open();
    await eventually(async () => expect(await schedules.every(QUEUES.maintenance, sweep)).toBe(true));
    const before = await queue.getJobSchedulers();
    await schedules.check();
    await schedules.check();
    expect(await queue.getJobSchedulers()).toEqual(before);
  });

  it('are removed when they are of a job that this version does not know, but not what a newer one adds later', async () => {
    const older = await open();
    await eventually(async () =>
      expect(await older.schedules.every(QUEUES.maintenance, { ...sweep, name: 'gone' })).toBe(true),
    );
    const current = await open();
    await eventually(async () => expect(await current.schedules.every(QUEUES.maintenance, sweep)).toBe(true));
    await current.schedules.check();
    expect(await current.stored()).toEqual([['sweep', HOUR_MS]]);
    const newer = await open();
    await eventually(async () => expect(await newer.schedules.every(QUEUES.maintenance, retention)).toBe(true));
    await current.schedules.check();
    expect(await current.stored()).toEqual(both);
  });
});
