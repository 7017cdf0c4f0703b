import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { AccountId } from '../core/index.js';
import { UpstreamAccount } from './upstream-account.entity.js';

/** The last that an account's upstream said about one of its usage windows. */
@Entity('account_quota_window')
export class AccountQuotaWindow {
  @PrimaryColumn('uuid', { name: 'account_id', primaryKeyConstraintName: 'account_quota_window_pk' })
  @ForeignKey(() => UpstreamAccount, { name: 'account_quota_window_account_fk', onDelete: 'CASCADE' })
  accountId!: AccountId;
  @PrimaryColumn('text', { name: 'limit_id', primaryKeyConstraintName: 'account_quota_window_pk' }) limitId!: string;
  @PrimaryColumn('integer', { name: 'window_minutes', primaryKeyConstraintName: 'account_quota_window_pk' })
  windowMinutes!: number;
  /** 0–100. */
  @Column('real', { name: 'used_percent' }) usedPercent!: number;
  @Column('timestamptz', { name: 'resets_at' }) resetsAt!: Date;
  @Column('timestamptz', { name: 'observed_at' }) observedAt!: Date;
}
