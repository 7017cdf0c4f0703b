import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { PoolId } from '../core/index.js';
import type { Evidence, Severity, TargetKind } from './finding.js';
import type { RuleKind } from './rule-params.js';

export type IncidentState = 'open' | 'acknowledged' | 'resolved';

/** Something that a rule found, from when it was seen first until it was not seen any more. */
@Entity('incident')
@Check('incident_severity_ck', `severity IN ('info', 'warning', 'critical')`)
@Check('incident_state_ck', `state IN ('open', 'acknowledged', 'resolved')`)
@Check('incident_target_kind_ck', `target_kind IN ('pool', 'account', 'key', 'job')`)
@Check('incident_occurrence_count_ck', 'occurrence_count > 0')
@Check('incident_resolved_ck', `(state = 'resolved') = (resolved_at IS NOT NULL)`)
@Index('incident_unresolved_uq', ['dedupeKey'], { unique: true, where: 'resolved_at IS NULL' })
@Index('incident_last_seen_idx', ['lastSeenAt', 'id'])
@Index('incident_dedupe_idx', ['dedupeKey'])
export class Incident {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'incident_pk' }) id!: string;
  /** What the rule found, and of what. */
  @Column('text', { name: 'dedupe_key' }) dedupeKey!: string;
  /** The rule as it was; it may be gone. */
  @Column('uuid', { name: 'rule_id' }) ruleId!: string;
  @Column('text', { name: 'rule_name' }) ruleName!: string;
  @Column('text', { name: 'rule_kind' }) ruleKind!: RuleKind;
  @Column('text') severity!: Severity;
  @Column('text', { default: 'open' }) state!: IncidentState;
  @Column('text', { name: 'target_kind' }) targetKind!: TargetKind;
  @Column('text', { name: 'target_id' }) targetId!: string;
  @Column('text', { name: 'target_label' }) targetLabel!: string;
  /** Whose operators it concerns; empty: the installation's as a whole. */
  @Column('uuid', { name: 'pool_ids', array: true, default: '{}' }) poolIds!: PoolId[];
  @Column('text', { name: 'reason_code' }) reasonCode!: string;
  /** Numbers, ids and codes, as last seen. */
  @Column('jsonb') evidence!: Evidence;
  /** How many evaluations found it. */
  @Column('integer', { name: 'occurrence_count', default: 1 }) occurrenceCount!: number;
  @Column('timestamptz', { name: 'first_seen_at' }) firstSeenAt!: Date;
  @Column('timestamptz', { name: 'last_seen_at' }) lastSeenAt!: Date;
  @Column('timestamptz', { name: 'acknowledged_at', nullable: true }) acknowledgedAt!: Date | null;
  @Column('text', { name: 'acknowledged_by', nullable: true }) acknowledgedBy!: string | null;
  @Column('timestamptz', { name: 'resolved_at', nullable: true }) resolvedAt!: Date | null;
}
