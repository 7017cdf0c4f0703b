import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AccountId, CallId, CostStatus, KeyId, PoolId } from '../core/index.js';
import type { CallOutcome, SettledBy } from './settlement.js';

/** The durable record of a call's end: exactly one row per call. Token counts are strings, as Postgres sends `bigint`. */
@Entity('ledger_entry')
@Check('ledger_entry_outcome_ck', "outcome IN ('succeeded', 'failed', 'cancelled', 'rejected')")
@Check('ledger_entry_settled_by_ck', "settled_by IN ('queue', 'direct', 'sweeper')")
@Check(
  'ledger_entry_usage_ck',
  'num_nonnulls(input_uncached, input_cached, cache_write, output, reasoning) = CASE WHEN usage_known THEN 5 ELSE 0 END',
)
@Check(
  'ledger_entry_tokens_ck',
  'input_uncached >= 0 AND input_cached >= 0 AND cache_write >= 0 AND output >= 0 AND reasoning >= 0',
)
@Check('ledger_entry_cost_status_ck', "cost_status IN ('priced', 'estimated', 'unpriced', 'unknown', 'none')")
@Check(
  'ledger_entry_cost_ck',
  "num_nonnulls(cost_nano_usd, price_version) = CASE WHEN cost_status IN ('priced', 'estimated') THEN 2 ELSE 0 END",
)
@Check(
  'ledger_entry_estimate_ck',
  'estimated_input >= 0 AND estimated_output >= 0 AND num_nonnulls(estimated_input, estimated_output) <> 1',
)
@Index('ledger_entry_received_idx', ['receivedAt'])
@Index('ledger_entry_pool_occurred_idx', ['poolId', 'occurredAt'])
@Index('ledger_entry_key_occurred_idx', ['keyId', 'occurredAt'])
export class LedgerEntry {
  @PrimaryColumn('uuid', { name: 'call_id', primaryKeyConstraintName: 'ledger_entry_pk' }) callId!: CallId;
  @Column('text') outcome!: CallOutcome;
  /** False when the upstream never said; then every bucket is null, never 0. */
  @Column('boolean', { name: 'usage_known' }) usageKnown!: boolean;
  @Column('bigint', { name: 'input_uncached', nullable: true }) inputUncached!: string | null;
  @Column('bigint', { name: 'input_cached', nullable: true }) inputCached!: string | null;
  @Column('bigint', { name: 'cache_write', nullable: true }) cacheWrite!: string | null;
  @Column('bigint', { nullable: true }) output!: string | null;
  @Column('bigint', { nullable: true }) reasoning!: string | null;
  /** Our own count, where the usage is not known but something of the answer came through. */
  @Column('bigint', { name: 'estimated_input', nullable: true }) estimatedInput!: string | null;
  @Column('bigint', { name: 'estimated_output', nullable: true }) estimatedOutput!: string | null;
  @Column('text', { name: 'cost_status', default: 'unpriced' }) costStatus!: CostStatus;
  /** 10⁻⁹ USD, at the price list of that version. */
  @Column('bigint', { name: 'cost_nano_usd', nullable: true }) costNanoUsd!: string | null;
  @Column('text', { name: 'price_version', nullable: true }) priceVersion!: string | null;
  /** What was asked of the upstream. */
  @Column('text', { name: 'requested_model', nullable: true }) requestedModel!: string | null;
  /** The model that the upstream says it used. */
  @Column('text', { nullable: true }) model!: string | null;
  @Column('text', { name: 'service_tier', nullable: true }) serviceTier!: string | null;
  /** The account of the last attempt; null when none was made. */
  @Column('uuid', { name: 'account_id', nullable: true }) accountId!: AccountId | null;
  /** What it used is paid for by itself, not by a subscription: of the last attempt. */
  @Column('boolean', { default: false }) metered!: boolean;
  @Column('uuid', { name: 'pool_id' }) poolId!: PoolId;
  @Column('uuid', { name: 'key_id' }) keyId!: KeyId;
  @Column('text', { name: 'settled_by' }) settledBy!: SettledBy;
  /** When the call came: the hour and the day that it belongs to. Gateways of an older version leave it out. */
  @Column('timestamptz', { name: 'received_at', default: () => 'now()' }) receivedAt!: Date;
  /** When the call ended; for a lost process, when the sweeper said so. */
  @Column('timestamptz', { name: 'occurred_at' }) occurredAt!: Date;
  @Column('timestamptz', { name: 'settled_at' }) settledAt!: Date;
}
