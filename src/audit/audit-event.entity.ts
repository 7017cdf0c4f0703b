import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { PoolId } from '../core/index.js';
import type { ActorKind, AuditOutcome } from './audit-event.js';

/** One thing that an operator did, tried or was denied. Never changed; gone with its partition. */
@Entity('audit_event')
@Check('audit_event_actor_kind_ck', `actor_kind IN ('token', 'local', 'system')`)
@Check('audit_event_action_ck', `action ~ '^[a-z][a-z0-9_.-]{0,99}$'`)
@Check('audit_event_outcome_ck', `outcome IN ('begun', 'success', 'failure', 'denied')`)
@Check('audit_event_prev_hash_ck', 'octet_length(prev_hash) = 32')
@Check('audit_event_hash_ck', 'octet_length(hash) = 32')
@Index('audit_event_seq_idx', ['seq'])
@Index('audit_event_begun_idx', ['begunId'], { where: 'begun_id IS NOT NULL' })
export class AuditEventRow {
  /** UUID of version 7, of the time in `occurred_at`. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'audit_event_pk' }) id!: string;
  /** From 1 on, without a gap: its place in the chain. */
  @Column('bigint') seq!: string;
  @Column('timestamptz', { name: 'occurred_at' }) occurredAt!: Date;
  @Column('text', { name: 'actor_kind' }) actorKind!: ActorKind;
  @Column('text', { name: 'actor_id' }) actorId!: string;
  @Column('text', { name: 'actor_label' }) actorLabel!: string;
  @Column('text') action!: string;
  @Column('text', { name: 'target_type', nullable: true }) targetType!: string | null;
  @Column('text', { name: 'target_id', nullable: true }) targetId!: string | null;
  @Column('text', { name: 'target_label', nullable: true }) targetLabel!: string | null;
  @Column('uuid', { name: 'pool_id', nullable: true }) poolId!: PoolId | null;
  @Column('text') outcome!: AuditOutcome;
  /** The event that said that this one was about to be. */
  @Column('uuid', { name: 'begun_id', nullable: true }) begunId!: string | null;
  @Column('text', { name: 'request_id', nullable: true }) requestId!: string | null;
  @Column('text', { nullable: true }) address!: string | null;
  @Column('jsonb', { default: () => "'{}'" }) details!: object;
  /** That of the event before; 32 bytes. */
  @Column('bytea', { name: 'prev_hash' }) prevHash!: Buffer;
  @Column('bytea') hash!: Buffer;
}
