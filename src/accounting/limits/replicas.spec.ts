import { GatewayError, type KeyId, type UsageLimit } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { eventually } from '../../../test/support/eventually.js';
import { aCall, commit, keyLimit, limitsOf, newKey } from '../../../test/support/limits.js';
import { useRedis } from '../../../test/support/redis.js';
import { sharedStateAt } from '../../../test/support/shared-state.js';

const CALLS = 500;
const ROOM = 10;

describe('limits of two processes', () => {
  const database = useDatabase();
  const redis = useRedis();
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(ends.splice(0).map((end) => end()));
  });

  const replica = async () => {
    const { shared, close } = await sharedStateAt(redis.url());
    const process = limitsOf(database.dataSource(), shared);
    ends.push(async () => {
      await process.end();
      await close();
    });
    return { ...process, close };
  };
  const two = async () => [await replica(), await replica()] as const;
  type Replica = Awaited<ReturnType<typeof replica>>;

  /** Reserves, commits and confirms. @returns how that ended */
  const come = async ({ limits }: Replica, key: KeyId, limit: UsageLimit, atStep = () => Promise.resolve()) => {
    try {
      const reservation = await limits.reserve(aCall(key), [limit]);
      await atStep();
      if (reservation === undefined) return 'unlimited';
      if (reservation.mustBeDurable) await commit(database.dataSource(), reservation);
      await atStep();
      await reservation.confirm();
      return 'admitted';
    } catch (error) {
      return error instanceof GatewayError ? error.code : String(error);
    }
  };

  /** @param disturb happens when a call has come to the step of this number */
  const storm = async (
    replicas: readonly Replica[],
    limit: (key: KeyId) => UsageLimit,
    { at = Infinity, disturb }: { at?: number; disturb?: () => Promise<void> } = {},
  ) => {
    const key = newKey();
    let steps = 0;
    const atStep = async () => {
      if (++steps === at) await disturb?.();
    };
    const calls = Array.from({ length: CALLS }, (_, n) => {
      const process = replicas[n % replicas.length];
      if (process === undefined) throw new Error('There is no process.');
      return come(process, key, limit(key), atStep);
    });
    const outcomes = await Promise.all(calls);
    const count = (outcome: string) => outcomes.filter((each) => each === outcome).length;
    const strange = outcomes.filter(
      (each) => !['admitted', 'api_key_policy_limit_exceeded', 'accounting_unavailable'].includes(each),
    );
    expect(strange).toEqual([]);
    return { key, admitted: count('admitted'), disturbed: steps >= at };
  };

  const ten = (key: KeyId) => keyLimit(key, { tokensPerDay: ROOM });
  /** One by one, once all have said what became of their calls: nothing of the room is lost for good. */
  const fillUp = async (replicas: readonly [Replica, Replica], key: KeyId) => {
    await Promise.all(replicas.map(({ holder }) => holder.renew()));
    let admitted = 0;
    while ((await come(replicas[0], key, ten(key))) === 'admitted') admitted += 1;
    expect(await come(replicas[1], key, ten(key))).toBe('api_key_policy_limit_exceeded');
    return admitted;
  };

  it.each([
    ['tokens', ten],
    ['requests', (key: KeyId) => keyLimit(key, { requestsPerMinute: ROOM })],
  ])('admits 10 of 500 concurrent calls against room for 10 (%s)', async (_, limit) => {
    expect((await storm(await two(), limit)).admitted).toBe(ROOM);
    expect((await storm([await replica()], limit)).admitted).toBe(ROOM);
  });

  it.each([1, 7, 11, 14, 17, 20])('admits no more when Redis is flushed at step %i', async (at) => {
    const replicas = await two();
    const { key, admitted, disturbed } = await storm(replicas, ten, { at, disturb: () => redis.flush() });
    expect([disturbed, admitted <= ROOM]).toEqual([true, true]);
    expect(admitted + (await fillUp(replicas, key))).toBe(ROOM);
  });

  it.each([2, 14])('counts no fewer requests when Redis is flushed at step %i', async (at) => {
    const limit = (key: KeyId) => keyLimit(key, { requestsPerMinute: ROOM });
    const { admitted } = await storm(await two(), limit, { at, disturb: () => redis.flush() });
    expect(admitted).toBeLessThanOrEqual(ROOM);
  });

  describe('when Redis goes away', () => {
    // Whatever the test came to: the next one wants it.
    afterEach(() => redis.start().catch(() => undefined));

    it('admits 10 while it is away', async () => {
      const replicas = await two();
      await redis.stop();
      expect((await storm(replicas, ten)).admitted).toBe(ROOM);
      const requests = (key: KeyId) => keyLimit(key, { requestsPerMinute: ROOM });
      expect((await storm(replicas, requests)).admitted).toBe(ROOM);
    });

    it.each([1, 8, 15])('admits no more when it stops at step %i, and after it is back', async (at) => {
      const replicas = await two();
      const { key, admitted } = await storm(replicas, ten, { at, disturb: () => redis.stop() });
      expect(admitted).toBeLessThanOrEqual(ROOM);
      await redis.start();
      expect(admitted + (await fillUp(replicas, key))).toBe(ROOM);
    });

    it('counts in Redis again when it is back, with all that came meanwhile', async () => {
      const replicas = await two();
      const [one, other] = replicas;
      const key = newKey();
      expect(await come(one, key, ten(key))).toBe('admitted');
      await redis.stop();
      expect(await come(one, key, ten(key))).toBe('admitted');
      await redis.start();
      await eventually(async () => {
        const outcomes = [await come(one, newKey(), ten(key)), await come(other, newKey(), ten(key))];
        expect(outcomes).not.toContain('accounting_unavailable');
        expect([one.store.liveKey('x'), other.store.liveKey('x')]).not.toContain(undefined);
      });
    });

    it('counts in one place when only one process does not reach it', async () => {
      const [lost, near] = await two();
      const key = newKey();
      await Promise.all([come(lost, key, ten(key)), come(near, key, ten(key))]);
      await lost.close();
      const calls = Array.from({ length: 60 }, (_, n) => come(n % 2 === 0 ? lost : near, key, ten(key)));
      const admitted = (await Promise.all(calls)).filter((outcome) => outcome === 'admitted').length;
      expect(admitted).toBe(ROOM - 2);
    });
  });
});
