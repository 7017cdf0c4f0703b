import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { AccountId } from '../../core/index.js';
import { UpstreamAccount } from '../upstream-account.entity.js';

const version = { to: (value: number) => value, from: (value: string) => Number(value) };

/** The circuit of one kind of work of an account, once something of it failed. */
@Entity('account_lane')
@Check('account_lane_failures_ck', 'failures >= 0')
@Check('account_lane_open_ck', '(opened_at IS NULL) = (open_until IS NULL)')
@Check('account_lane_probe_ck', '(probe_id IS NULL) = (probing_until IS NULL)')
@Check('account_lane_closed_ck', 'open_until IS NOT NULL OR probe_id IS NULL')
export class AccountLane {
  @PrimaryColumn('uuid', { name: 'account_id', primaryKeyConstraintName: 'account_lane_pk' })
  @ForeignKey(() => UpstreamAccount, { name: 'account_lane_account_fk', onDelete: 'CASCADE' })
  accountId!: AccountId;
  /** Lower-case and in the account's catalog; `''` for all others; `*` of the account as a whole. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'account_lane_pk' }) model!: string;
  @PrimaryColumn('text', { name: 'route_class', primaryKeyConstraintName: 'account_lane_pk' }) routeClass!: string;
  /** In a row. */
  @Column('integer') failures!: number;
  @Column('timestamptz', { name: 'opened_at', nullable: true }) openedAt!: Date | null;
  /** Null: closed. Past: half open. */
  @Column('timestamptz', { name: 'open_until', nullable: true }) openUntil!: Date | null;
  /** The error code that opened it. */
  @Column('text', { nullable: true }) reason!: string | null;
  /** Of the call that tries it. */
  @Column('uuid', { name: 'probe_id', nullable: true }) probeId!: string | null;
  /** After this time another call may try it. */
  @Column('timestamptz', { name: 'probing_until', nullable: true }) probingUntil!: Date | null;
  /** Rises with every change. */
  @Column('bigint', { transformer: version }) version!: number;
}
