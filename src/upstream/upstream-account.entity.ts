import { Check, Column, CreateDateColumn, Entity, Index, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { AccountId } from '../core/index.js';

/**
 * `draining`: serves what it has begun, and nothing new. `login_required`: the provider refused the refresh token for good.
 * `deleted`: the row stays for the ledger's sake, its secrets are gone.
 */
export type AccountStatus = 'active' | 'paused' | 'draining' | 'login_required' | 'deleted';

/**
 * `in_flight`: the refresh token was sent to the provider, and no answer was stored yet. `outcome_unknown`: none will be,
 * so that the token may be spent; it is tried once more.
 */
export type RefreshState = 'idle' | 'in_flight' | 'failed' | 'outcome_unknown';

const epoch = { to: (value: number) => value, from: (value: string) => Number(value) };

/** One upstream login that we hold. Its tokens are sealed and never selected by accident. */
@Entity('upstream_account')
@Check('upstream_account_kind_ck', `kind IN ('codex', 'openai')`)
@Check('upstream_account_status_ck', `status IN ('active', 'paused', 'draining', 'login_required', 'deleted')`)
@Check('upstream_account_max_concurrent_ck', 'max_concurrent > 0')
@Check('upstream_account_refresh_state_ck', `refresh_state IN ('idle', 'in_flight', 'failed', 'outcome_unknown')`)
@Check('upstream_account_refresh_answers_lost_ck', 'refresh_answers_lost >= 0')
@Check('upstream_account_import_digest_ck', 'octet_length(import_digest) = 32')
@Check('upstream_account_access_token_ck', `access_token IS NOT NULL OR status = 'deleted'`)
@Index('upstream_account_label_uq', ['label'], { unique: true, where: `status <> 'deleted'` })
// Nulls count as equal (`NULLS NOT DISTINCT` in the migration; TypeORM has no word for it).
@Index('upstream_account_slot_uq', ['kind', 'externalAccountId', 'externalUserId', 'externalWorkspaceId'], {
  unique: true,
  where: `status <> 'deleted'`,
})
@Index('upstream_account_expiry_idx', ['accessTokenExpiresAt'], { where: `status = 'active'` })
export class UpstreamAccount {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'upstream_account_pk' }) id!: AccountId;
  @Column('text') kind!: string;
  /** Operator's name for it; metadata, may be logged. */
  @Column('text') label!: string;
  @Column('text', { name: 'external_account_id', nullable: true }) externalAccountId!: string | null;
  @Column('text', { name: 'external_user_id', nullable: true }) externalUserId!: string | null;
  /** A workspace, where the account's token names one: seats of one person in several are accounts of their own. */
  @Column('text', { name: 'external_workspace_id', nullable: true }) externalWorkspaceId!: string | null;
  @Column('text', { name: 'seat_type', nullable: true }) seatType!: string | null;
  @Column('text', { nullable: true }) plan!: string | null;
  @Column('text') status!: AccountStatus;
  /** A safe token such as `invalid_grant`. */
  @Column('text', { name: 'status_reason', nullable: true }) statusReason!: string | null;
  /** Null once the account is deleted. */
  @Column('bytea', { name: 'access_token', nullable: true, select: false }) accessToken!: Buffer | null;
  @Column('bytea', { name: 'refresh_token', nullable: true, select: false }) refreshToken!: Buffer | null;
  @Column('bytea', { name: 'id_token', nullable: true, select: false }) idToken!: Buffer | null;
  /** SHA-256 of the tokens as they were imported: applying the same file again must not bring back rotated tokens. */
  @Column('bytea', { name: 'import_digest', nullable: true, select: false }) importDigest!: Buffer | null;
  /** Of logins that it had before, or that came to nothing; newest first. */
  @Column('bytea', { name: 'past_digests', array: true, default: '{}', select: false }) pastDigests!: Buffer[];
  @Column('timestamptz', { name: 'access_token_expires_at', nullable: true }) accessTokenExpiresAt!: Date | null;
  /** Null when the token does not say. */
  @Column('timestamptz', { name: 'access_token_issued_at', nullable: true }) accessTokenIssuedAt!: Date | null;
  /** Rises with every change of the credentials. */
  @Column('bigint', { name: 'credential_epoch', transformer: epoch }) credentialEpoch!: number;
  @Column('timestamptz', { name: 'last_refreshed_at', nullable: true }) lastRefreshedAt!: Date | null;
  @Column('text', { name: 'refresh_state', default: 'idle' }) refreshState!: RefreshState;
  /** Set as long as it is in flight. */
  @Column('timestamptz', { name: 'refresh_started_at', nullable: true }) refreshStartedAt!: Date | null;
  /** To the refresh token that is there now. */
  @Column('integer', { name: 'refresh_answers_lost', default: 0 }) refreshAnswersLost!: number;
  /** In a row. */
  @Column('integer', { name: 'refresh_failures', default: 0 }) refreshFailures!: number;
  /** After a failure: before this time the worker does not try again. */
  @Column('timestamptz', { name: 'refresh_not_before', nullable: true }) refreshNotBefore!: Date | null;
  /** Calls at once, over all replicas; null: as many as the installation allows. */
  @Column('integer', { name: 'max_concurrent', nullable: true }) maxConcurrent!: number | null;
  /** At most some seconds behind while it serves. */
  @Column('timestamptz', { name: 'last_success_at', nullable: true }) lastSuccessAt!: Date | null;
  @Column('timestamptz', { name: 'cooling_until', nullable: true }) coolingUntil!: Date | null;
  /** The error code that sent it there. */
  @Column('text', { name: 'cooling_reason', nullable: true }) coolingReason!: string | null;
  @Column('timestamptz', { name: 'cooling_since', nullable: true }) coolingSince!: Date | null;
  @Column('timestamptz', { name: 'catalog_refreshed_at', nullable: true }) catalogRefreshedAt!: Date | null;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @UpdateDateColumn({ type: 'timestamptz', name: 'updated_at' }) updatedAt!: Date;
}
