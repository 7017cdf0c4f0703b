import { useDatabase } from '../../../test/support/database.js';
import { eventually } from '../../../test/support/eventually.js';
import { jsRedisClusterNodes, useRedis } from '../../../test/support/redis.js';
import { prepareQueues, QUEUES } from './index.js';
import { describeQueues, start, type Started } from './queues.contract.js';

const clusterUrl = () => {
  const [node] = jsRedisClusterNodes();
  return `redis://${node?.host}:${node?.port}?cluster=true`;
};

describe('queues', () => {
  const database = useDatabase([], { empty: true });

  describeQueues('PostgreSQL', () => ({ databaseUrl: database.url() }));

  it('has its tables made any number of times', async () => {
    await prepareQueues({ REDIS_URL: undefined }, database.url());
    await Promise.all([1, 2].map(() => prepareQueues({ REDIS_URL: undefined }, database.url())));
  });
});

describe('queues', () => {
  const redis = useRedis();
  const store = () => ({ redisUrl: redis.url(), databaseUrl: 'postgres://unused.invalid/' });
  const unhandled: unknown[] = [];
  const collect = (reason: unknown) => unhandled.push(reason);
  beforeAll(() => process.on('unhandledRejection', collect));
  afterAll(() => process.off('unhandledRejection', collect));

  describeQueues('Redis', store);
  describeQueues('a Redis Cluster', () => ({ ...store(), redisUrl: clusterUrl() }));

  const timed = async (started: Started) => {
    const startedAt = performance.now();
    const handed = await started.producer.add(QUEUES.maintenance, 'late', {});
    return { handed, inTime: performance.now() - startedAt < 500 };
  };

  const refused = { handed: false, inTime: true };

  it.each([
    ['hangs', async () => redis.pause(), async () => redis.resume()],
    ['is gone', () => redis.stop(), () => redis.start()],
  ])('says in time that a job is not handed over while Redis %s, and goes on afterwards', async (_, away, back) => {
    const started = await start(store());
    await away();
    expect([await timed(started), await timed(started)]).toEqual([refused, refused]);
    await back();
    const done = started.bench.completed();
    await eventually(async () => expect(await timed(started)).toEqual({ handed: true, inTime: true }));
    expect((await done).name).toBe('late');
    await started.app.close();
    expect(unhandled).toEqual([]);
  });

  it('starts without Redis and works when there is one', async () => {
    await redis.stop();
    const started = await start(store());
    expect(await timed(started)).toEqual(refused);
    await redis.start();
    const done = started.bench.completed();
    await eventually(async () => expect((await timed(started)).handed).toBe(true));
    await done;
    await started.app.close();
    expect(unhandled).toEqual([]);
  });

  it('ends while Redis is gone', async () => {
    const started = await start(store(), { drainMs: 100 });
    await redis.stop();
    await started.app.close();
    await redis.start();
    expect(unhandled).toEqual([]);
  });
});
