import { Check, Column, CreateDateColumn, Entity, PrimaryColumn, Unique } from 'typeorm';
import type { Severity } from './finding.js';
import type { RuleKind } from './rule-params.js';

/** What is looked for. Those that come with the installation are rows like any other. */
@Entity('incident_rule')
@Unique('incident_rule_name_uq', ['name'])
@Check('incident_rule_severity_ck', `severity IN ('info', 'warning', 'critical')`)
@Check('incident_rule_cooldown_ck', 'cooldown_seconds >= 0')
export class IncidentRule {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'incident_rule_pk' }) id!: string;
  @Column('text') name!: string;
  @Column('text') kind!: RuleKind;
  @Column('jsonb', { default: {} }) params!: object;
  @Column('text') severity!: Severity;
  /** After one delivery of an incident the next one of the same kind and target waits so long. */
  @Column('integer', { name: 'cooldown_seconds', default: 900 }) cooldownSeconds!: number;
  @Column('boolean', { default: true }) enabled!: boolean;
  @Column('boolean', { name: 'built_in', default: false }) builtIn!: boolean;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
}
