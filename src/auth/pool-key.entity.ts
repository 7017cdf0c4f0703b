import { Check, Column, CreateDateColumn, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import type { EffortMode, KeyId, PoolId, ReasoningEffort, ServiceTier } from '../core/index.js';
import { Pool } from './pool.entity.js';

export type KeyStatus = 'active' | 'paused' | 'revoked';

/** A Pool API key. The secret itself is shown once, at creation; 256 random bits need a digest, not a password hash. */
@Entity('pool_key')
@Unique('pool_key_prefix_uq', ['prefix'])
@Unique('pool_key_digest_uq', ['digest'])
@Unique('pool_key_label_uq', ['poolId', 'label'])
@Unique('pool_key_previous_prefix_uq', ['previousPrefix'])
@Check('pool_key_prefix_ck', `prefix ~ '^sk-cxp-[0-9a-f]{12}$'`)
@Check('pool_key_digest_ck', 'octet_length(digest) = 32')
@Check('pool_key_previous_digest_ck', 'octet_length(previous_digest) = 32')
@Check('pool_key_previous_ck', 'num_nulls(previous_prefix, previous_digest, previous_until) IN (0, 3)')
@Check('pool_key_allowed_models_ck', 'cardinality(allowed_models) > 0')
@Check('pool_key_max_concurrent_ck', 'max_concurrent > 0')
@Check('pool_key_effort_mode_ck', `effort_mode IN ('always', 'up_to', 'clamp')`)
@Check('pool_key_effort_ck', `effort IN ('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra')`)
@Check('pool_key_effort_rule_ck', 'num_nonnulls(effort_mode, effort) <> 1')
@Check('pool_key_service_tier_ck', `service_tier IN ('auto', 'default', 'flex', 'priority', 'scale')`)
@Check('pool_key_allowed_addresses_ck', 'cardinality(allowed_addresses) > 0')
@Check('pool_key_status_ck', `status IN ('active', 'paused', 'revoked')`)
export class PoolKey {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pool_key_pk' }) id!: KeyId;
  @Column('uuid', { name: 'pool_id' })
  @ForeignKey(() => Pool, { name: 'pool_key_pool_fk' })
  poolId!: PoolId;
  /** Operator's name for the key, once per Pool. */
  @Column('text') label!: string;
  /** `sk-cxp-` and 12 hex digits: tells keys apart in lists, and finds the one that a caller presents. */
  @Column('text') prefix!: string;
  /** SHA-256 of the secret part, 32 bytes. */
  @Column('bytea', { select: false }) digest!: Buffer;
  @Column('text', { default: 'active' }) status!: KeyStatus;
  /** Lower-case; null for any. */
  @Column('text', { name: 'allowed_models', array: true, nullable: true }) allowedModels!: string[] | null;
  /** Calls at once, over all replicas; null: no limit of its own. */
  @Column('integer', { name: 'max_concurrent', nullable: true }) maxConcurrent!: number | null;
  /** `[pattern, model]` pairs in the operator's order. */
  @Column('jsonb', { name: 'model_aliases', default: () => "'[]'" }) modelAliases!: [string, string][];
  /** In place of whatever model is asked for. */
  @Column('text', { name: 'forced_model', nullable: true }) forcedModel!: string | null;
  @Column('text', { name: 'effort_mode', nullable: true }) effortMode!: EffortMode | null;
  @Column('text', { nullable: true }) effort!: ReasoningEffort | null;
  /** In place of whatever tier is asked for. */
  @Column('text', { name: 'service_tier', nullable: true }) serviceTier!: ServiceTier | null;
  /** CIDR blocks; null: it may be used from anywhere. */
  @Column('text', { name: 'allowed_addresses', array: true, nullable: true }) allowedAddresses!: string[] | null;
  @Column('timestamptz', { name: 'expires_at', nullable: true }) expiresAt!: Date | null;
  /** At most a minute behind while the key is in use. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true }) lastUsedAt!: Date | null;
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) revokedAt!: Date | null;
  /** The secret before the last rotation, for as long as it is good beside the new one. */
  @Column('text', { name: 'previous_prefix', nullable: true }) previousPrefix!: string | null;
  @Column('bytea', { name: 'previous_digest', nullable: true, select: false }) previousDigest!: Buffer | null;
  @Column('timestamptz', { name: 'previous_until', nullable: true }) previousUntil!: Date | null;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
}
