import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { AccountId, QuotaSource } from '../../core/index.js';
import { UpstreamAccount } from '../upstream-account.entity.js';

const epoch = { to: (value: number) => value, from: (value: string) => Number(value) };

/** The last that an account's upstream said of one of its meters. The fields mean what those of `AccountMeter` do. */
@Entity('account_meter')
@Check('account_meter_source_ck', `source IN ('headers', 'event', 'error', 'usage')`)
@Check('account_meter_credits_ck', 'num_nulls(credits_available, credits_unlimited, credits_observed_at) IN (0, 3)')
export class AccountMeterRow {
  @PrimaryColumn('uuid', { name: 'account_id', primaryKeyConstraintName: 'account_meter_pk' })
  @ForeignKey(() => UpstreamAccount, { name: 'account_meter_account_fk', onDelete: 'CASCADE' })
  accountId!: AccountId;
  @PrimaryColumn('text', { name: 'limit_id', primaryKeyConstraintName: 'account_meter_pk' }) limitId!: string;
  @Column('text', { nullable: true }) name!: string | null;
  @Column('boolean', { nullable: true }) allowed!: boolean | null;
  @Column('boolean', { name: 'limit_reached', nullable: true }) limitReached!: boolean | null;
  @Column('timestamptz', { name: 'resets_at', nullable: true }) resetsAt!: Date | null;
  @Column('boolean', { name: 'credits_available', nullable: true }) creditsAvailable!: boolean | null;
  @Column('boolean', { name: 'credits_unlimited', nullable: true }) creditsUnlimited!: boolean | null;
  @Column('timestamptz', { name: 'credits_observed_at', nullable: true }) creditsObservedAt!: Date | null;
  @Column('timestamptz', { name: 'complete_at', nullable: true }) completeAt!: Date | null;
  @Column('timestamptz', { name: 'observed_at' }) observedAt!: Date;
  @Column('text') source!: QuotaSource;
  @Column('bigint', { name: 'credential_epoch', transformer: epoch }) credentialEpoch!: number;
}
