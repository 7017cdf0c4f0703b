import { MemorySharedState, type SharedState } from '../../platform/shared-state/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { commit, settleInLedger } from '../../../test/support/limits.js';
import { useRedis } from '../../../test/support/redis.js';
import { sharedStateAt } from '../../../test/support/shared-state.js';
import { describeLimitCounters, type LimitCountersUnderTest } from './limit-counters.contract.js';
import { LimitEpochRepository } from './limit-epoch.repository.js';
import { LimitTruthRepository } from './limit-truth.repository.js';
import { OpenReservations } from './open-reservations.service.js';
import { PostgresCounters } from './postgres-counters.service.js';
import { SharedLimitCounters, keyIn } from './shared-limit-counters.js';

describe('the ways to count', () => {
  const database = useDatabase();
  const redis = useRedis();
  const memory = new MemorySharedState(() => performance.now());
  let inRedis: Awaited<ReturnType<typeof sharedStateAt>> | undefined;
  beforeAll(async () => void (inRedis = await sharedStateAt(redis.url())));
  afterAll(() => inRedis?.close());

  const sharedIn = (state: () => SharedState | undefined): LimitCountersUnderTest => {
    const store = () => {
      const shared = state();
      if (shared === undefined) throw new Error('Not connected yet.');
      return shared.counters;
    };
    return {
      counters: () =>
        new SharedLimitCounters(
          store(),
          new LimitTruthRepository(database.dataSource()),
          new OpenReservations(),
          Date.now,
        ),
      commit: (call) => commit(database.dataSource(), call),
      settle: async (call, keys, used) => {
        await settleInLedger(database.dataSource(), call, used);
        const { id, day } = call.hold;
        await store().settleHolds([{ id, day, ...used, keys: keys.map((key) => keyIn(0, key)) }]);
      },
    };
  };

  describeLimitCounters(
    'memory',
    sharedIn(() => memory),
  );
  describeLimitCounters(
    'Redis',
    sharedIn(() => inRedis?.shared),
  );
  describeLimitCounters('Postgres', {
    counters: () => {
      const truth = new LimitTruthRepository(database.dataSource());
      return new PostgresCounters(database.dataSource(), truth, new LimitEpochRepository(database.dataSource()));
    },
    commit: async () => undefined,
    settle: (call, _, used) => settleInLedger(database.dataSource(), call, used),
  });
});
