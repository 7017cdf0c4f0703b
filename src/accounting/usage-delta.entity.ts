import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import type { AccountId, KeyId, PoolId } from '../core/index.js';
import { UsageCounters } from './rollups/usage-counters.entity.js';

const ID = { type: 'bigint', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'usage_delta_pk' } as const;

/**
 * What ledger rows add to the sums of their hour, written with them and not yet in `usage_hourly` and `usage_daily`. Below
 * zero where a guess was replaced: then it takes away what the guess had added.
 */
@Entity('usage_delta')
@Index('usage_delta_key_idx', ['keyId'])
@Index('usage_delta_pool_idx', ['poolId'])
export class UsageDelta extends UsageCounters {
  @PrimaryGeneratedColumn('identity', ID) id!: string;
  @Column('timestamptz') hour!: Date;
  @Column('uuid', { name: 'pool_id' }) poolId!: PoolId;
  @Column('uuid', { name: 'key_id' }) keyId!: KeyId;
  /** Of the last attempt; null when none was made. */
  @Column('uuid', { name: 'account_id', nullable: true }) accountId!: AccountId | null;
  /** What was asked of the upstream; `''` where that is no model. */
  @Column('text') model!: string;
}
