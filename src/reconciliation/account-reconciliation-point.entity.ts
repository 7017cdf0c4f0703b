import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AccountId } from '../core/index.js';

const PK = { primaryKeyConstraintName: 'account_reconciliation_point_pk' };

/** A window as its provider told of it, beside our sum. Rows are never changed, and go after 14 days. */
@Entity('account_reconciliation_point')
export class AccountReconciliationPoint {
  @PrimaryColumn('uuid', { name: 'account_id', ...PK }) accountId!: AccountId;
  @PrimaryColumn('text', { name: 'limit_id', ...PK }) limitId!: string;
  @PrimaryColumn('integer', { name: 'window_minutes', ...PK }) windowMinutes!: number;
  /** When the provider said it. */
  @PrimaryColumn('timestamptz', PK) at!: Date;
  @Column('timestamptz', { name: 'resets_at' }) resetsAt!: Date;
  @Column('real', { name: 'used_percent' }) usedPercent!: number;
  @Column('double precision', { name: 'our_tokens' }) ourTokens!: number;
}
