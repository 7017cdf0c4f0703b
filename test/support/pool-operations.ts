import type { DataSource } from 'typeorm';
import { LimitStatusService } from '../../src/accounting/index.js';
import { LimitTruthRepository } from '../../src/accounting/limits/limit-truth.repository.js';
import { KeyAdminService, Pool, PoolKey, PoolService, UsageLimitService } from '../../src/auth/index.js';
import { KeyBroadcast } from '../../src/auth/key-broadcast.service.js';
import { UsageLimitRow } from '../../src/auth/usage-limit.entity.js';
import { KeyOperations } from '../../src/control/operations/key-operations.service.js';
import { LimitOperations } from '../../src/control/operations/limit-operations.service.js';
import { LimitViews } from '../../src/control/operations/limit-views.service.js';
import { NamedThings } from '../../src/control/operations/named-things.service.js';
import { PoolOperations } from '../../src/control/operations/pool-operations.service.js';
import { MemorySharedState } from '../../src/platform/shared-state/index.js';
import { AskedOperations } from './asked-operations.js';
import { useDatabase } from './database.js';

/** Pools, keys and limits by operations, on a database of the test file that calls this. */
export function usePoolOperations() {
  const database = useDatabase([Pool, PoolKey, UsageLimitRow]);
  let made: ReturnType<typeof poolOperations> | undefined;
  beforeAll(() => {
    made = poolOperations(database.dataSource());
  });
  return () => {
    if (made === undefined) throw new Error('Operations are there inside tests only.');
    return made;
  };
}

function poolOperations(database: DataSource) {
  const broadcast = new KeyBroadcast(new MemorySharedState(Date.now));
  const pools = new PoolService(database.getRepository(Pool), broadcast);
  const keys = new KeyAdminService(database.getRepository(PoolKey), broadcast);
  const limits = new UsageLimitService(database.getRepository(UsageLimitRow), broadcast);
  const named = new NamedThings(pools, keys);
  const views = new LimitViews(limits, new LimitStatusService(new LimitTruthRepository(database)));
  const operations = new AskedOperations(database, [
    new PoolOperations(pools, keys, named),
    new KeyOperations(keys, pools, views, named),
    new LimitOperations(limits, views, named),
  ]);
  return { database, pools, keys, limits, operations };
}
