import { Check, Column, CreateDateColumn, Entity, PrimaryColumn, Unique } from 'typeorm';
import type { RuleKind } from './rule-params.js';

export type WebhookFormat = 'generic' | 'slack';

/** Where incidents are told. Its address may be as secret as its key, so both are sealed, and never selected by accident. */
@Entity('webhook')
@Unique('webhook_name_uq', ['name'])
@Check('webhook_format_ck', `format IN ('generic', 'slack')`)
@Check('webhook_rule_kinds_ck', 'cardinality(rule_kinds) > 0')
export class Webhook {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_pk' }) id!: string;
  @Column('text') name!: string;
  /** Of its URL, with the port; all that is shown of it. */
  @Column('text') host!: string;
  @Column('bytea', { select: false }) url!: Buffer;
  @Column('bytea', { select: false }) secret!: Buffer;
  @Column('text') format!: WebhookFormat;
  @Column('boolean', { default: true }) enabled!: boolean;
  /** Null: it is told of all. */
  @Column('text', { name: 'rule_kinds', array: true, nullable: true }) ruleKinds!: RuleKind[] | null;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
}
