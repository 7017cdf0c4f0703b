import { randomUUID } from 'node:crypto';
import { useDatabase } from '../../test/support/database.js';
import { GatewayError } from '../core/index.js';
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

describe('a key that is rotated', () => {
  const database = useDatabase([Pool, PoolKey, UsageLimitRow]);

  async function aKey() {
    const shared = new MemorySharedState(() => 0);
    const broadcast = new KeyBroadcast(shared);
    const rows = database.dataSource().getRepository(PoolKey);
    const keys = new KeyAdminService(rows, broadcast);
    const pools = new PoolService(database.dataSource().getRepository(Pool), broadcast);
    const service = new PoolKeyService(new PoolKeyRepository(rows), shared);
    const codeOf = (presented: string, nowMs = Date.now()) =>
      service.authenticate(`Bearer ${presented}`, nowMs).then(
        () => 'ok',
        (error: unknown) => GatewayError.from(error).code,
      );
    return { keys, codeOf, ...(await keys.createKey((await pools.createPool(`p-${randomUUID()}`)).id, 'ci')) };
  }

  it('lets both secrets in until the overlap ends', async () => {
    const { keys, key, token: old, codeOf } = await aKey();
    const rotated = await keys.rotateKey(key.prefix, 900_000);
    const untilMs = rotated?.key.previousUntil?.getTime() ?? 0;
    expect([await codeOf(old, untilMs - 1), await codeOf(rotated?.token ?? '', untilMs)]).toEqual(['ok', 'ok']);
    expect(await codeOf(old, untilMs)).toBe('api_key_missing');
  });

  it('refuses the old secret at once without an overlap', async () => {
    const { keys, key, token: old, codeOf } = await aKey();
    const rotated = await keys.rotateKey(key.id);
    expect([await codeOf(old), await codeOf(rotated?.token ?? '')]).toEqual(['api_key_missing', 'ok']);
  });

  it('is one that is there, and was not revoked', async () => {
    const { keys, key } = await aKey();
    await keys.revokeKey(key.id);
    await expect(keys.rotateKey(key.id)).rejects.toThrow(KeyRefused);
    expect(await keys.rotateKey('sk-cxp-000000000000')).toBeNull();
  });
});
