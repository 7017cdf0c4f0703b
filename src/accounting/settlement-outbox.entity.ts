import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { CallId } from '../core/index.js';
import type { SettlementRecord } from './records.js';

/** A call that is over, until its ledger row is written: what is here survives gateway, worker and queue. */
@Entity('settlement_outbox')
@Index('settlement_outbox_written_idx', ['writtenAt'])
export class SettlementOutboxRow {
  @PrimaryColumn('uuid', { name: 'call_id', primaryKeyConstraintName: 'settlement_outbox_pk' }) callId!: CallId;
  @Column('jsonb') record!: SettlementRecord;
  @Column('timestamptz', { name: 'written_at', default: () => 'now()' }) writtenAt!: Date;
  /** Since when it is known that Postgres does not take it into the ledger; the sweep writes what it can of it. */
  @Column('timestamptz', { name: 'refused_at', nullable: true }) refusedAt!: Date | null;
}
