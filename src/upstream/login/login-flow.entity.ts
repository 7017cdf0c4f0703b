import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { AccountId, PoolId } from '../../core/index.js';
import { UpstreamAccount } from '../upstream-account.entity.js';
import type { LoginStatus } from './login-flow-state.js';

export type LoginKind = 'browser' | 'device';
/** `link`: whoever signs in becomes an account. `relink`: an account that is there gets new credentials. */
export type LoginPurpose = 'link' | 'relink';

/** One way of an operator through the provider's sign-in; every replica can go on with it. Secrets are sealed, and gone with its end. */
@Entity('login_flow')
@Check('login_flow_kind_ck', "kind IN ('browser', 'device')")
@Check('login_flow_purpose_ck', "purpose IN ('link', 'relink')")
@Check('login_flow_status_ck', "status IN ('pending', 'exchanging', 'completed', 'failed', 'cancelled', 'expired')")
@Check('login_flow_state_digest_ck', 'octet_length(state_digest) = 32')
@Check('login_flow_interval_ck', 'interval_seconds > 0')
@Check(
  'login_flow_target_ck',
  `(purpose = 'link' AND label IS NOT NULL AND account_id IS NULL)
   OR (purpose = 'relink' AND account_id IS NOT NULL AND label IS NULL AND pool_id IS NULL)`,
)
@Check(
  'login_flow_secrets_ck',
  `CASE WHEN status <> 'pending' THEN num_nonnulls(state, verifier, device_auth_id) = 0
        WHEN kind = 'browser' THEN num_nulls(state_digest, state, verifier, redirect_uri) = 0
        ELSE num_nulls(device_auth_id, user_code, verification_uri, interval_seconds, poll_after) = 0 END`,
)
@Index('login_flow_state_uq', ['stateDigest'], { unique: true })
@Index('login_flow_open_idx', ['expiresAt'], { where: `status IN ('pending', 'exchanging')` })
@Index('login_flow_updated_idx', ['updatedAt'])
export class LoginFlow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'login_flow_pk' }) id!: string;
  @Column('text') kind!: LoginKind;
  @Column('text') purpose!: LoginPurpose;
  /** The Pool that the account is to serve. Another module's row: an id, never a relation. */
  @Column('uuid', { name: 'pool_id', nullable: true }) poolId!: PoolId | null;
  /** An account that is there already may serve these Pools only; absent: any will do. */
  @Column('uuid', { name: 'within_pool_ids', array: true, nullable: true }) withinPoolIds!: PoolId[] | null;
  /** Whose credentials are to be replaced. */
  @Column('uuid', { name: 'account_id', nullable: true })
  @ForeignKey(() => UpstreamAccount, { name: 'login_flow_account_fk', onDelete: 'CASCADE' })
  accountId!: AccountId | null;
  /** The account's name to be. */
  @Column('text', { nullable: true }) label!: string | null;
  @Column('text') status!: LoginStatus;
  /** SHA-256 of the state: finds the flow that an address belongs to, also when it is over. */
  @Column('bytea', { name: 'state_digest', nullable: true, select: false }) stateDigest!: Buffer | null;
  @Column('bytea', { nullable: true, select: false }) state!: Buffer | null;
  @Column('text', { name: 'redirect_uri', nullable: true }) redirectUri!: string | null;
  @Column('bytea', { nullable: true, select: false }) verifier!: Buffer | null;
  @Column('bytea', { name: 'device_auth_id', nullable: true, select: false }) deviceAuthId!: Buffer | null;
  /** To be typed by a person. */
  @Column('text', { name: 'user_code', nullable: true }) userCode!: string | null;
  @Column('text', { name: 'verification_uri', nullable: true }) verificationUri!: string | null;
  @Column('integer', { name: 'interval_seconds', nullable: true }) intervalSeconds!: number | null;
  /** Before this the provider must not be polled. */
  @Column('timestamptz', { name: 'poll_after', nullable: true }) pollAfter!: Date | null;
  /** Until then one process has it: it polls, or redeems the code. */
  @Column('timestamptz', { name: 'claimed_until', nullable: true }) claimedUntil!: Date | null;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt!: Date;
  @Column('uuid', { name: 'result_account_id', nullable: true })
  @ForeignKey(() => UpstreamAccount, { name: 'login_flow_result_fk', onDelete: 'SET NULL' })
  resultAccountId!: AccountId | null;
  /** Why it failed: a safe token. */
  @Column('text', { name: 'error_code', nullable: true }) errorCode!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt!: Date;
}
