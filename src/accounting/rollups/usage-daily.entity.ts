import { Entity, Index, PrimaryColumn } from 'typeorm';
import type { AccountId, KeyId, PoolId } from '../../core/index.js';
import { UsageCounters } from './usage-counters.entity.js';

/** Each time anew: TypeORM writes into it. */
const key = (name?: string) => ({
  primaryKeyConstraintName: 'usage_daily_pk',
  ...(name === undefined ? {} : { name }),
});

/** The calls that came on one UTC day, beside those that are still in `usage_delta`. */
@Entity('usage_daily')
@Index('usage_daily_key_idx', ['keyId', 'day'])
@Index('usage_daily_pool_idx', ['poolId', 'day'])
export class UsageDaily extends UsageCounters {
  /** `2027-01-31`. */
  @PrimaryColumn('date', key()) day!: string;
  @PrimaryColumn('uuid', key('pool_id')) poolId!: PoolId;
  @PrimaryColumn('uuid', key('key_id')) keyId!: KeyId;
  /** Of the last attempt; the nil UUID where none was made. */
  @PrimaryColumn('uuid', key('account_id')) accountId!: AccountId;
  /** What was asked of the upstream; `''` where that is no model. */
  @PrimaryColumn('text', key()) model!: string;
}
