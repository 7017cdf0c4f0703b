import { Entity, Index, PrimaryColumn } from 'typeorm';
import type { AccountId, KeyId, PoolId } from '../../core/index.js';
import { UsageCounters } from './usage-counters.entity.js';

/** Each time anew: TypeORM writes into it. */
const key = (name?: string) => ({
  primaryKeyConstraintName: 'usage_hourly_pk',
  ...(name === undefined ? {} : { name }),
});

/** The calls that came in one hour, beside those that are still in `usage_delta`. */
@Entity('usage_hourly')
@Index('usage_hourly_key_idx', ['keyId', 'hour'])
@Index('usage_hourly_pool_idx', ['poolId', 'hour'])
export class UsageHourly extends UsageCounters {
  @PrimaryColumn('timestamptz', key()) hour!: Date;
  @PrimaryColumn('uuid', key('pool_id')) poolId!: PoolId;
  @PrimaryColumn('uuid', key('key_id')) keyId!: KeyId;
  /** Of the last attempt; the nil UUID where none was made. */
  @PrimaryColumn('uuid', key('account_id')) accountId!: AccountId;
  /** What was asked of the upstream; `''` where that is no model. */
  @PrimaryColumn('text', key()) model!: string;
}
