import { useDatabase } from '../../test/support/database.js';
import { MemorySharedState } from '../platform/shared-state/index.js';
import { KeyAdminService } from './key-admin.service.js';
import { KeyBroadcast } from './key-broadcast.service.js';
import { KeyRefused } from './key-refused.js';
import { PoolKey } from './pool-key.entity.js';
import { PoolKeyRepository } from './pool-key.repository.js';
import { PoolKeyService } from './pool-key.service.js';
import { Pool } from './pool.entity.js';
import { PoolService } from './pool.service.js';
import { UsageLimitRow } from './usage-limit.entity.js';

describe('a key in the store', () => {
  const database = useDatabase([Pool, PoolKey, UsageLimitRow]);

  const start = async () => {
    const shared = new MemorySharedState(() => 0);
    const repository = database.dataSource().getRepository(PoolKey);
    const broadcast = new KeyBroadcast(shared);
    const service = new PoolKeyService(new PoolKeyRepository(repository), shared);
    await service.onModuleInit();
    const pools = new PoolService(database.dataSource().getRepository(Pool), broadcast);
    return { service, keys: new KeyAdminService(repository, broadcast), pool: await pools.createPool('team') };
  };

  it('is limited to models, however they are written, and let loose again', async () => {
    const { service, keys, pool } = await start();
    const allowedModels = [' GPT-5.5', 'gpt-5.5 ', 'a'];
    const { key, token } = await keys.createKey(pool.id, 'ci', { allowedModels });
    const allowed = async () => (await service.authenticate(`Bearer ${token}`, Date.now())).allowedModels?.patterns;
    expect([key.allowedModels, await allowed()]).toEqual([
      ['a', 'gpt-5.5'],
      ['a', 'gpt-5.5'],
    ]);
    await keys.ensureKey(pool.id, 'ci', {});
    expect(await allowed()).toEqual(['a', 'gpt-5.5']);
    await keys.ensureKey(pool.id, 'ci', { allowedModels: ['B'] });
    expect(await allowed()).toEqual(['b']);
    await keys.ensureKey(pool.id, 'ci', { allowedModels: null });
    expect(await allowed()).toBeUndefined();
  });

  it.each([[[]], [['gpt-5.5', ' ']]])('is not made for the models %j', async (allowedModels) => {
    const { keys, pool } = await start();
    await expect(keys.createKey(pool.id, 'none', { allowedModels })).rejects.toBeInstanceOf(KeyRefused);
  });
});
