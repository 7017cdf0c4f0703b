import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AccountId, CallId } from '../core/index.js';
import type { AttemptOutcome } from './settlement.js';

export type AttemptStatus = 'in_flight' | AttemptOutcome;

/** One try of a call against one upstream account. */
@Entity('attempt')
@Index('attempt_account_idx', ['accountId', 'requestId'])
@Check('attempt_status_ck', "status IN ('in_flight', 'succeeded', 'failed', 'cancelled')")
export class Attempt {
  @PrimaryColumn('uuid', { name: 'request_id', primaryKeyConstraintName: 'attempt_pk' }) requestId!: CallId;
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'attempt_pk' }) number!: number;
  /** Another module's row: an id, and the label it had then. */
  @Column('uuid', { name: 'account_id' }) accountId!: AccountId;
  @Column('text', { name: 'account_label' }) accountLabel!: string;
  /** What it used is paid for by itself. */
  @Column('boolean', { default: false }) metered!: boolean;
  @Column('text') status!: AttemptStatus;
  @Column('text', { name: 'error_code', nullable: true }) errorCode!: string | null;
  @Column('integer', { name: 'upstream_status', nullable: true }) upstreamStatus!: number | null;
  @Column('timestamptz', { name: 'started_at' }) startedAt!: Date;
  @Column('timestamptz', { name: 'first_event_at', nullable: true }) firstEventAt!: Date | null;
  @Column('timestamptz', { name: 'completed_at', nullable: true }) completedAt!: Date | null;
}
