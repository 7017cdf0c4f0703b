import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { KeyId } from '../core/index.js';
import { callerOf } from './caller-of.js';
import type { KeyRecord } from './key-record.js';
import { markUsed, withSecret } from './secret-rows.repository.js';
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
  async find(shown: ParsedToken): Promise<KeyRecord | undefined> {
    const [found] = await withSecret(this.keys, shown);
    if (!found) return undefined;
    const { row: key, untilMs } = found;
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
      ...(untilMs === undefined ? {} : { secretUntilMs: untilMs }),
      ...(key.expiresAt ? { expiresAtMs: key.expiresAt.getTime() } : {}),
    };
  }

  /** Several processes may mark the same use; the latest wins. */
  markUsed(id: KeyId, at: Date): Promise<void> {
    return markUsed(this.keys, id, at);
  }
}
