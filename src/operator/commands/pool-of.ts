import type { Pool, PoolService } from '../../auth/index.js';
import { CommandFailed } from './context.js';

export async function poolOf(pools: PoolService, slug: string): Promise<Pool> {
  const pool = await pools.findPool(slug);
  if (!pool) throw new CommandFailed(`There is no Pool "${slug}".`);
  return pool;
}
