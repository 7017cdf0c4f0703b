import { randomUUID } from 'node:crypto';
import { useDatabase } from '../../test/support/database.js';
import type { SharedState } from '../platform/shared-state/index.js';
import { KeyAdminService } from './key-admin.service.js';
import { KeyBroadcast } from './key-broadcast.service.js';
import { KeyRefused } from './key-refused.js';
import { PoolKey } from './pool-key.entity.js';
import { Pool } from './pool.entity.js';
import { PoolService } from './pool.service.js';
import { UsageLimitRow } from './usage-limit.entity.js';
import { UsageLimitService } from './usage-limit.service.js';
import type { LimitValues } from './usage-limit.js';

describe('limits in the store', () => {
  const database = useDatabase([Pool, PoolKey, UsageLimitRow]);

  const start = async () => {
    const heard: string[] = [];
    const publish = async (_: string, message: string) => void heard.push(message);
    const broadcast = new KeyBroadcast({ publish } as unknown as SharedState);
    const of = database.dataSource();
    const pool = await new PoolService(of.getRepository(Pool), broadcast).createPool(`p-${randomUUID()}`);
    const { key } = await new KeyAdminService(of.getRepository(PoolKey), broadcast).createKey(pool.id, 'ci');
    heard.splice(0);
    return { limits: new UsageLimitService(of.getRepository(UsageLimitRow), broadcast), pool, key, heard };
  };

  it('are set piece by piece, of all models and of some, of keys and of Pools', async () => {
    const { limits, pool, key } = await start();
    const ofKey = { keyId: key.id };
    await limits.setLimit(ofKey, { tokensPerDay: 5_000_000_000, usdPerDay: '0.000000001', warnPercent: 80 });
    await limits.setLimit(ofKey, { usdPerDay: 2.5, requestsPerMinute: 60 });
    await limits.setLimit(ofKey, { usdPerWeek: 1, usdPerMonth: '4' }, ' GPT-5.5* ');
    await limits.setLimit({ poolId: pool.id }, { maxInputTokens: 1, maxOutputTokens: 2, tokensPerWeek: 3 });
    const own = { scope: 'key', id: key.id };
    expect(await limits.limitsOf(ofKey)).toEqual([
      { ...own, requestsPerMinute: 60, tokensPerDay: 5_000_000_000, nanoUsdPerDay: 2_500_000_000, warnPercent: 80 },
      { ...own, model: 'gpt-5.5*', nanoUsdPerWeek: 1_000_000_000, nanoUsdPerMonth: 4_000_000_000 },
    ]);
    const ofPool = { scope: 'pool', id: pool.id, maxInputTokens: 1, maxOutputTokens: 2, tokensPerWeek: 3 };
    expect(await limits.limitsOf({ poolId: pool.id })).toEqual([ofPool]);
    expect((await limits.usageLimits()).filter(({ id }) => id === key.id || id === pool.id)).toHaveLength(3);
  });

  it('are gone when nothing is left of them, or when they are removed', async () => {
    const { limits, key } = await start();
    const ofKey = { keyId: key.id };
    await limits.setLimit(ofKey, { tokensPerDay: 5, usdPerDay: 1 });
    await limits.setLimit(ofKey, { tokensPerDay: null });
    expect(await limits.limitsOf(ofKey)).toEqual([{ scope: 'key', id: key.id, nanoUsdPerDay: 1_000_000_000 }]);
    await limits.setLimit(ofKey, { usdPerDay: null });
    expect(await limits.limitsOf(ofKey)).toEqual([]);
    await limits.setLimit(ofKey, { tokensPerDay: 5 }, 'a*');
    expect([await limits.removeLimit(ofKey), await limits.removeLimit(ofKey, 'A*')]).toEqual([false, true]);
    expect(await limits.limitsOf(ofKey)).toEqual([]);
  });

  it('are told to every process when they change, and only then', async () => {
    const { limits, pool, key, heard } = await start();
    await limits.setLimit({ keyId: key.id }, { tokensPerDay: 5, usdPerDay: '1.5' });
    expect(heard.splice(0)).toEqual([key.id]);
    await limits.setLimit({ keyId: key.id }, { tokensPerDay: 5, usdPerDay: 1.5, maxInputTokens: null });
    await limits.removeLimit({ keyId: key.id }, 'nothing');
    expect(heard).toEqual([]);
    await limits.setLimit({ poolId: pool.id }, { tokensPerDay: 5 });
    expect(heard).toEqual(['*']);
  });

  it('are set by two at once', async () => {
    const { limits, key } = await start();
    const ofKey = { keyId: key.id };
    await Promise.all([limits.setLimit(ofKey, { tokensPerDay: 5 }), limits.setLimit(ofKey, { tokensPerWeek: 9 })]);
    expect(await limits.limitsOf(ofKey)).toEqual([{ scope: 'key', id: key.id, tokensPerDay: 5, tokensPerWeek: 9 }]);
  });

  it.each<[LimitValues, string | undefined]>([
    [{ tokensPerDay: 0 }, undefined],
    [{ tokensPerDay: 1.5 }, undefined],
    [{ requestsPerMinute: 2 ** 31 }, undefined],
    [{ warnPercent: 101 }, undefined],
    [{ usdPerDay: '0.0000000001' }, undefined],
    [{ usdPerDay: 0 }, undefined],
    [{ tokensPerDay: 5 }, 'a b'],
    [{ tokensPerDay: 5 }, ' '],
  ])('are not %j of %s', async (values, model) => {
    const { limits, key } = await start();
    await expect(limits.setLimit({ keyId: key.id }, values, model)).rejects.toThrow(KeyRefused);
  });
});
