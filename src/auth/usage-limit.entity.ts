import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { KeyId, PoolId } from '../core/index.js';
import { PoolKey } from './pool-key.entity.js';
import { Pool } from './pool.entity.js';

/** What a key or a Pool may use, of all models or of some. Null limits nothing. `bigint` comes as a string. */
@Entity('usage_limit')
@Index('usage_limit_key_uq', ['keyId', 'model'], { unique: true, where: 'key_id IS NOT NULL' })
@Index('usage_limit_pool_uq', ['poolId', 'model'], { unique: true, where: 'pool_id IS NOT NULL' })
@Check('usage_limit_owner_ck', 'num_nonnulls(pool_id, key_id) = 1')
@Check('usage_limit_model_ck', "model <> '' AND model = lower(model)")
@Check(
  'usage_limit_values_ck',
  `requests_per_minute > 0 AND tokens_per_day > 0 AND tokens_per_week > 0 AND max_input_tokens > 0
     AND max_output_tokens > 0 AND nano_usd_per_day > 0 AND nano_usd_per_week > 0 AND nano_usd_per_month > 0`,
)
@Check('usage_limit_warn_percent_ck', 'warn_percent BETWEEN 1 AND 100')
export class UsageLimitRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'usage_limit_pk' }) id!: string;
  @Column('uuid', { name: 'pool_id', nullable: true })
  @ForeignKey(() => Pool, { name: 'usage_limit_pool_fk' })
  poolId!: PoolId | null;
  @Column('uuid', { name: 'key_id', nullable: true })
  @ForeignKey(() => PoolKey, { name: 'usage_limit_key_fk' })
  keyId!: KeyId | null;
  /** Pattern with `*`, lower-case; null: every model. */
  @Column('text', { nullable: true }) model!: string | null;
  @Column('integer', { name: 'requests_per_minute', nullable: true }) requestsPerMinute!: number | null;
  @Column('bigint', { name: 'tokens_per_day', nullable: true }) tokensPerDay!: string | null;
  @Column('bigint', { name: 'tokens_per_week', nullable: true }) tokensPerWeek!: string | null;
  @Column('integer', { name: 'max_input_tokens', nullable: true }) maxInputTokens!: number | null;
  @Column('integer', { name: 'max_output_tokens', nullable: true }) maxOutputTokens!: number | null;
  @Column('bigint', { name: 'nano_usd_per_day', nullable: true }) nanoUsdPerDay!: string | null;
  @Column('bigint', { name: 'nano_usd_per_week', nullable: true }) nanoUsdPerWeek!: string | null;
  @Column('bigint', { name: 'nano_usd_per_month', nullable: true }) nanoUsdPerMonth!: string | null;
  @Column('integer', { name: 'warn_percent', nullable: true }) warnPercent!: number | null;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
}
