import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { KeyId } from '../core/index.js';
import { constantTimeEqual } from '../platform/crypto/index.js';
import { callerOf } from './caller-of.js';
import type { KeyRecord } from './key-record.js';
import { PoolKey } from './pool-key.entity.js';
import { Pool } from './pool.entity.js';
import type { ParsedToken } from './token-format.js';
import { UsageLimitRow } from './usage-limit.entity.js';
import { usageLimitOf } from './usage-limit.js';

/** Keys as the ingress needs them: one look-up, one mark. */
@Injectable()
export class PoolKeyRepository {
  constructor(@InjectRepository(PoolKey) private readonly keys: Repository<PoolKey>) {}

  /** `undefined` when no key has the prefix, and when the secret is another one. */
  async find({ prefix, digest }: ParsedToken): Promise<KeyRecord | undefined> {
    const key = await this.keys
      .createQueryBuilder('key')
      .addSelect('key.digest')
      .where('key.prefix = :prefix', { prefix })
      .getOne();
    if (!key || !constantTimeEqual(key.digest, digest)) return undefined;
    const { manager } = this.keys;
    const [pool, limits] = await Promise.all([
      manager.findOneBy(Pool, { id: key.poolId }),
      manager.findBy(UsageLimitRow, [{ keyId: key.id }, { poolId: key.poolId }]),
    ]);
    if (!pool) return undefined;
    return {
      principal: callerOf(pool, key, limits.map(usageLimitOf)),
      status: key.status,
      poolStatus: pool.status,
      ...(key.expiresAt ? { expiresAtMs: key.expiresAt.getTime() } : {}),
    };
  }

  /** Several processes may mark the same use; the latest wins. */
  async markUsed(id: KeyId, at: Date): Promise<void> {
    await this.keys
      .createQueryBuilder()
      .update()
      .set({ lastUsedAt: at })
      .where('id = :id AND (last_used_at IS NULL OR last_used_at < :at)', { id, at })
      .execute();
  }
}
