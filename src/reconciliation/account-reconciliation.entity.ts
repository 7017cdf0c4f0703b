import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { AccountId } from '../core/index.js';
import type { Confidence } from './reconcile.js';

const PK = { primaryKeyConstraintName: 'account_reconciliation_pk' };

/** How far the provider's count and ours differ, as last compared. The fields mean what those of `Reconciliation` do. */
@Entity('account_reconciliation')
@Check('account_reconciliation_basis_ck', `basis IN ('own', 'plan')`)
@Check('account_reconciliation_confidence_ck', `confidence IN ('unknown', 'low', 'high')`)
export class AccountReconciliation {
  @PrimaryColumn('uuid', { name: 'account_id', ...PK }) accountId!: AccountId;
  @PrimaryColumn('text', { name: 'limit_id', ...PK }) limitId!: string;
  @PrimaryColumn('integer', { name: 'window_minutes', ...PK }) windowMinutes!: number;
  @Column('text', { nullable: true }) plan!: string | null;
  @Column('timestamptz', { name: 'as_of' }) asOf!: Date;
  @Column('timestamptz') since!: Date;
  @Column('timestamptz', { name: 'resets_at' }) resetsAt!: Date;
  @Column('real', { name: 'used_percent' }) usedPercent!: number;
  @Column('double precision', { name: 'our_tokens' }) ourTokens!: number;
  @Column('real', { name: 'counted_percent' }) countedPercent!: number;
  @Column('real', { name: 'explained_percent', nullable: true }) explainedPercent!: number | null;
  @Column('real', { name: 'drift_percent', nullable: true }) driftPercent!: number | null;
  @Column('double precision', { name: 'drift_tokens', nullable: true }) driftTokens!: number | null;
  @Column('double precision', { name: 'tokens_per_percent', nullable: true }) tokensPerPercent!: number | null;
  @Column('text', { nullable: true }) basis!: 'own' | 'plan' | null;
  @Column('text') confidence!: Confidence;
  @Column('integer') points!: number;
}
