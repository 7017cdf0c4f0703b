import { Check, Column, Entity, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import type { CallId, CostStatus } from '../../core/index.js';

/**
 * What a call costs by a later price list. Rows are only ever added: a call's cost is that of its newest correction,
 * else that of its ledger entry, which nobody changes.
 */
@Entity('cost_correction')
@Check('cost_correction_status_ck', "cost_status IN ('priced', 'estimated', 'unpriced', 'unknown', 'none')")
@Check(
  'cost_correction_cost_ck',
  "num_nonnulls(cost_nano_usd, price_version) = CASE WHEN cost_status IN ('priced', 'estimated') THEN 2 ELSE 0 END",
)
@Unique('cost_correction_call_uq', ['callId', 'replayId'])
@Index('cost_correction_newest_idx', ['callId', 'id'])
export class CostCorrection {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'cost_correction_pk',
  })
  id!: string;
  @Column('uuid', { name: 'call_id' }) callId!: CallId;
  @Column('uuid', { name: 'replay_id' }) replayId!: string;
  @Column('timestamptz', { default: () => 'now()' }) at!: Date;
  @Column('text', { name: 'price_version', nullable: true }) priceVersion!: string | null;
  @Column('text', { name: 'cost_status' }) costStatus!: CostStatus;
  @Column('bigint', { name: 'cost_nano_usd', nullable: true }) costNanoUsd!: string | null;
  /** What the call's cost was before; null when it had none. */
  @Column('bigint', { name: 'previous_nano_usd', nullable: true }) previousNanoUsd!: string | null;
}
