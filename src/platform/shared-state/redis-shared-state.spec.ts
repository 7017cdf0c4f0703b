import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { eventually } from '../../../test/support/eventually.js';
import { jsRedisClusterNodes, jsRedisUrl, useRedis, type TestRedis } from '../../../test/support/redis.js';
import { RedisSharedState } from './redis-shared-state.js';
import { SharedStateUnavailable } from './shared-state-unavailable.js';
import { describeSharedState } from './shared-state.contract.js';

function useRedisState(url: () => string) {
  let state: RedisSharedState | undefined;
  beforeAll(async () => void (state = await RedisSharedState.connect(url())));
  afterAll(() => state?.onApplicationShutdown());
  const connected = () => {
    if (state === undefined) throw new Error('Not connected yet.');
    return state;
  };
  const until = <T>(probe: () => Promise<T>): Promise<NonNullable<T>> =>
    eventually(
      async () => {
        const seen = await probe();
        if (!seen) throw new Error('It never came.');
        return seen;
      },
      { withinMs: 3_000 },
    );
  return { state: connected, until };
}

const clusterUrl = () => {
  const [node] = jsRedisClusterNodes();
  return `redis://${node?.host}:${node?.port}?cluster=true`;
};

const A_HOLD = { id: 'h', day: 1, tokens: 1, nanoUsd: 1 };

/** Every method once, by name. */
const calls = (state: RedisSharedState): [string, () => Promise<unknown>][] => [
  ['take', () => state.take('k', 1, 1)],
  ['acquireAll', () => state.acquireAll([{ key: 'k', limit: 1, part: 'p' }], randomUUID(), 1_000, 100)],
  ['renewAll', () => state.renewAll([{ keys: ['k'], token: 't' }], 1_000)],
  ['releaseAll', () => state.releaseAll(['k'], 't')],
  ['held', () => state.held(['k'])],
  ['sticky', () => state.sticky('k', 'v', 1_000)],
  ['put', () => state.put('k', 'v', 1_000)],
  ['get', () => state.get('k')],
  ['drop', () => state.drop('k')],
  ['claim', () => state.claim(randomUUID(), 1_000)],
  ['hold', () => state.counters.hold(A_HOLD, [{ key: 'k', perMinute: 1, budgets: [] }], 1_000)],
  ['fill', () => state.counters.fill({ key: 'k', nonce: 'n' }, { days: [], holds: [], asked: [] })],
  ['renewHolds', () => state.counters.renewHolds([{ keys: ['k'], hold: A_HOLD }], 1_000)],
  ['settleHolds', () => state.counters.settleHolds([{ keys: ['k'], ...A_HOLD }])],
  ['contents', () => state.counters.contents(['k'])],
  ['chill', () => state.counters.chill(['k'])],
  ['publish', () => state.publish('c', 'm')],
  ['subscribe', async () => (await state.subscribe('c', () => undefined))()],
];

/** How each call ended, and whether all together took less than 500 ms. */
async function outcomes(state: RedisSharedState) {
  const startedAt = performance.now();
  const ended = await Promise.all(
    calls(state).map(([name, call]) =>
      call().then(
        () => [name, 'ok'],
        (error: unknown) => [name, error instanceof SharedStateUnavailable ? 'unavailable' : error],
      ),
    ),
  );
  return { ended, inTime: performance.now() - startedAt < 500 };
}

const all = (state: RedisSharedState, end: string) => ({
  ended: calls(state).map(([name]) => [name, end]),
  inTime: true,
});

describe('on a server', () => {
  const redis: TestRedis = useRedis();
  const { state, until } = useRedisState(() => redis.url());

  describeSharedState('Redis', () => ({ state, until }));

  it('is shared by all processes', async () => {
    const other = await RedisSharedState.connect(redis.url());
    const [key, channel] = [randomUUID(), randomUUID()];
    await state().put(key, 'value', 1_000);
    expect([state().reach, await other.get(key)]).toEqual(['cluster', 'value']);
    const heard = new Promise(
      (hear) => void other.subscribe(channel, hear).then(() => state().publish(channel, 'hello')),
    );
    expect(await heard).toBe('hello');
    await other.onApplicationShutdown();
  });

  it('leaves no key behind that does not end', async () => {
    await redis.flush();
    await Promise.all(calls(state()).map(([, call]) => call()));
    await state().acquireAll([{ key: 'lease', limit: 1 }], 'token', 50);
    await state().take('bucket', 1, 0.02);
    await state().claim('claim', 50);
    await state().put('value', 'x', 50);
    const client = new Redis(redis.url());
    await eventually(async () => expect(await client.dbsize()).toBe(0), { withinMs: 3_000 });
    client.disconnect();
  });

  it('refuses every call in time while the server hangs, and answers when it goes on', async () => {
    const leave = await state().subscribe('before', () => undefined);
    redis.pause();
    try {
      expect(await outcomes(state())).toEqual(all(state(), 'unavailable'));
    } finally {
      redis.resume();
    }
    await eventually(async () => expect(await outcomes(state())).toEqual(all(state(), 'ok')));
    await leave();
  });

  it('refuses every call in time while the server is gone, and answers when it is back', async () => {
    await redis.stop();
    try {
      expect(await outcomes(state())).toEqual(all(state(), 'unavailable'));
    } finally {
      await redis.start();
    }
    await eventually(async () => expect(await outcomes(state())).toEqual(all(state(), 'ok')));
  });

  it('hears its channels again after the server was gone, and says that something may have been missed', async () => {
    const channel = randomUUID();
    const heard: string[] = [];
    const missed = jest.fn();
    const leave = await state().subscribe(channel, (message) => heard.push(message), missed);
    expect(missed).not.toHaveBeenCalled();
    await redis.stop();
    await redis.start();
    await eventually(async () => {
      await state().publish(channel, 'back');
      expect(heard).toContain('back');
    });
    expect(missed).toHaveBeenCalled();
    await leave();
  });

  it('starts without a server and works when there is one', async () => {
    await redis.stop();
    const early = await RedisSharedState.connect(redis.url());
    expect(await outcomes(early)).toEqual(all(early, 'unavailable'));
    await redis.start();
    await eventually(async () => expect(await outcomes(early)).toEqual(all(early, 'ok')));
    await early.onApplicationShutdown();
  });

  it('closes while the server is gone', async () => {
    const other = await RedisSharedState.connect(redis.url());
    await other.subscribe('c', () => undefined);
    await redis.stop();
    await other.onApplicationShutdown();
    await redis.start();
    await expect(other.get('k')).rejects.toBeInstanceOf(SharedStateUnavailable);
  });
});

describeSharedState('a Redis written in JavaScript', () => useRedisState(jsRedisUrl));
describeSharedState('a Redis Cluster', () => useRedisState(clusterUrl), { broadcasts: false });
