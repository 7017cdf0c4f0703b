import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { AccountId } from '../../core/index.js';
import { UpstreamAccount } from '../upstream-account.entity.js';

const big = { to: (value: number) => value, from: (value: string) => Number(value) };

/**
 * What came of asking for an account's usage: `refused` is about the account, the others but `stored` about the upstream.
 */
export type ProbeOutcome = 'stored' | 'rate_limited' | 'refused' | 'unavailable';

/** How an account's upstream is asked for its usage: when it was, what came of it, when it will be. */
@Entity('account_probe')
@Check('account_probe_round_ck', 'round > 0')
@Check('account_probe_outcome_ck', `outcome IN ('stored', 'rate_limited', 'refused', 'unavailable')`)
@Check('account_probe_failures_ck', 'failures >= 0')
@Check('account_probe_reset_credits_ck', 'reset_credits >= 0')
@Check('account_probe_completed_ck', 'completed_round <= round AND (completed_at IS NULL) = (outcome IS NULL)')
export class AccountProbe {
  @PrimaryColumn('uuid', { name: 'account_id', primaryKeyConstraintName: 'account_probe_pk' })
  @ForeignKey(() => UpstreamAccount, { name: 'account_probe_account_fk', onDelete: 'CASCADE' })
  accountId!: AccountId;
  /** Rises with every probe that starts. */
  @Column('bigint', { transformer: big }) round!: number;
  @Column('timestamptz', { name: 'started_at' }) startedAt!: Date;
  /** The newest that came to an end: what an older one brings is not taken any more. */
  @Column('bigint', { name: 'completed_round', default: 0, transformer: big }) completedRound!: number;
  @Column('timestamptz', { name: 'completed_at', nullable: true }) completedAt!: Date | null;
  @Column('text', { nullable: true }) outcome!: ProbeOutcome | null;
  /** In a row. */
  @Column('integer', { default: 0 }) failures!: number;
  /** As planned when the last came to its end. After failures it holds; else it moves with how the account is used. */
  @Column('timestamptz', { name: 'next_at' }) nextAt!: Date;
  /** How many resets the account has saved up; null: not told. */
  @Column('integer', { name: 'reset_credits', nullable: true }) resetCredits!: number | null;
}
