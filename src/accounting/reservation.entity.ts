import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { CallId, KeyId, PoolId } from '../core/index.js';

/** How much of its limits a call in flight may use. Gone when the call is settled. */
@Entity('reservation')
@Check('reservation_tokens_ck', 'tokens >= 0')
@Check('reservation_nano_usd_ck', 'nano_usd >= 0')
@Index('reservation_key_idx', ['keyId'])
@Index('reservation_pool_idx', ['poolId'])
export class Reservation {
  @PrimaryColumn('uuid', { name: 'call_id', primaryKeyConstraintName: 'reservation_pk' }) callId!: CallId;
  /** Who holds the call: without him nobody uses it. */
  @Column('uuid', { name: 'process_id' }) processId!: string;
  @Column('uuid', { name: 'pool_id' }) poolId!: PoolId;
  @Column('uuid', { name: 'key_id' }) keyId!: KeyId;
  /** What is asked of the upstream. */
  @Column('text') model!: string;
  /** A string, as Postgres sends `bigint`; so is the next one. */
  @Column('bigint') tokens!: string;
  @Column('bigint', { name: 'nano_usd' }) nanoUsd!: string;
  /** The call's: it counts for the day in which the call came. */
  @Column('timestamptz', { name: 'received_at' }) receivedAt!: Date;
  @Column('timestamptz', { name: 'reserved_at', default: () => 'now()' }) reservedAt!: Date;
}
