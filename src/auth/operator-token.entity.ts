import { Check, Column, CreateDateColumn, Entity, PrimaryColumn, Unique } from 'typeorm';
import type { OperatorScope, PoolId, TokenId } from '../core/index.js';

/** For the operator API, or for the MCP endpoint. */
export type OperatorTokenKind = 'operator' | 'mcp';

/** What an operator, or a program of theirs, shows. The secret itself is shown once, at creation. */
@Entity('operator_token')
@Unique('operator_token_prefix_uq', ['prefix'])
@Unique('operator_token_digest_uq', ['digest'])
@Unique('operator_token_previous_prefix_uq', ['previousPrefix'])
@Unique('operator_token_label_uq', ['kind', 'label'])
@Check('operator_token_kind_ck', `kind IN ('operator', 'mcp')`)
@Check('operator_token_prefix_ck', `prefix ~ '^(opr|mcp)-cxp-[0-9a-f]{12}$'`)
@Check('operator_token_digest_ck', 'octet_length(digest) = 32')
@Check('operator_token_previous_digest_ck', 'octet_length(previous_digest) = 32')
@Check('operator_token_previous_ck', 'num_nulls(previous_prefix, previous_digest, previous_until) IN (0, 3)')
@Check('operator_token_scopes_ck', 'cardinality(scopes) > 0')
@Check('operator_token_pool_ids_ck', 'cardinality(pool_ids) > 0')
export class OperatorToken {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'operator_token_pk' }) id!: TokenId;
  @Column('text') kind!: OperatorTokenKind;
  /** Operator's name for it, once per kind. */
  @Column('text') label!: string;
  /** `opr-cxp-` or `mcp-cxp-` and 12 hex digits. */
  @Column('text') prefix!: string;
  /** SHA-256 of the secret part, 32 bytes. */
  @Column('bytea', { select: false }) digest!: Buffer;
  /** The secret before the last rotation, for as long as it is good beside the new one. */
  @Column('text', { name: 'previous_prefix', nullable: true }) previousPrefix!: string | null;
  @Column('bytea', { name: 'previous_digest', nullable: true, select: false }) previousDigest!: Buffer | null;
  @Column('timestamptz', { name: 'previous_until', nullable: true }) previousUntil!: Date | null;
  @Column('text', { array: true }) scopes!: OperatorScope[];
  /** The only Pools that it sees and changes; null: all, and what belongs to none. */
  @Column('uuid', { name: 'pool_ids', array: true, nullable: true }) poolIds!: PoolId[] | null;
  @Column('boolean', { default: true }) enabled!: boolean;
  @Column('timestamptz', { name: 'expires_at', nullable: true }) expiresAt!: Date | null;
  /** At most a minute behind while it is in use. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true }) lastUsedAt!: Date | null;
  /** Who made it, as the audit names them. */
  @Column('text', { name: 'created_by' }) createdBy!: string;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) revokedAt!: Date | null;
}
