import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { AccountId, QuotaSource } from '../../core/index.js';
import { UpstreamAccount } from '../upstream-account.entity.js';

const epoch = { to: (value: number) => value, from: (value: string) => Number(value) };

/** What is believed of one of an account's usage windows. The fields mean what those of `ObservedWindow` do. */
@Entity('account_quota_window')
@Check('account_quota_window_source_ck', `source IN ('headers', 'event', 'error', 'usage')`)
@Check('account_quota_window_doubted_source_ck', `doubted_source IN ('headers', 'event', 'error', 'usage')`)
@Check(
  'account_quota_window_doubt_ck',
  'num_nulls(doubted_percent, doubted_resets_at, doubted_since, doubted_source) IN (0, 4)',
)
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
  @Column('text', { default: 'usage' }) source!: QuotaSource;
  @Column('bigint', { name: 'credential_epoch', default: 0, transformer: epoch }) credentialEpoch!: number;
  @Column('timestamptz', { name: 'held_since', nullable: true }) heldSince!: Date | null;
  @Column('timestamptz', { name: 'held_at', nullable: true }) heldAt!: Date | null;
  @Column('timestamptz', { name: 'settled_at', nullable: true }) settledAt!: Date | null;
  @Column('real', { name: 'doubted_percent', nullable: true }) doubtedPercent!: number | null;
  @Column('timestamptz', { name: 'doubted_resets_at', nullable: true }) doubtedResetsAt!: Date | null;
  @Column('timestamptz', { name: 'doubted_since', nullable: true }) doubtedSince!: Date | null;
  @Column('text', { name: 'doubted_source', nullable: true }) doubtedSource!: QuotaSource | null;
}
