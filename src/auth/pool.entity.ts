import { Check, Column, CreateDateColumn, Entity, PrimaryColumn, Unique, UpdateDateColumn } from 'typeorm';
import type { EvidencePolicy, PoolId, RoutingStrategy } from '../core/index.js';

export type PoolStatus = 'active' | 'disabled' | 'archived';

/** Accounts and policy that a set of keys shares. */
@Entity('pool')
@Unique('pool_slug_uq', ['slug'])
@Check('pool_slug_ck', `slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'`)
@Check('pool_status_ck', `status IN ('active', 'disabled', 'archived')`)
@Check('pool_max_stored_items_ck', 'max_stored_items >= 0')
@Check('pool_stored_ttl_ck', 'stored_ttl_seconds > 0')
@Check(
  'pool_routing_strategy_ck',
  `routing_strategy IN ('balanced', 'bridge_ring', 'deterministic_rotation', 'least_recent_success', 'quota_first',
                        'soonest_reset', 'priority')`,
)
@Check('pool_evidence_policy_ck', `evidence_policy IN ('optimistic', 'strict')`)
@Check('pool_ring_size_ck', 'ring_size > 0')
@Check('pool_max_concurrent_ck', 'max_concurrent > 0')
export class Pool {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pool_pk' }) id!: PoolId;
  /** What operators and files call it; never changes. */
  @Column('text') slug!: string;
  @Column('text') name!: string;
  /** While it is not `active`, its keys are as good as unknown. */
  @Column('text', { default: 'active' }) status!: PoolStatus;
  @Column('boolean', { name: 'v1_enabled', default: true }) v1Enabled!: boolean;
  @Column('boolean', { name: 'image_generation_enabled', default: true }) imageGenerationEnabled!: boolean;
  @Column('text', { name: 'default_model', nullable: true }) defaultModel!: string | null;
  @Column('boolean', { name: 'allow_unlisted_models', default: false }) allowUnlistedModels!: boolean;
  /** Whether answers tell how much of the Pool is used. */
  @Column('boolean', { name: 'report_capacity', default: false }) reportCapacity!: boolean;
  /** Whether conversation content is kept, sealed, for clients that come back to it. */
  @Column('boolean', { name: 'stored_responses', default: false }) storedResponses!: boolean;
  /** Of responses and of completions, each. */
  @Column('integer', { name: 'max_stored_items', default: 1000 }) maxStoredItems!: number;
  @Column('integer', { name: 'stored_ttl_seconds', default: 2_592_000 }) storedTtlSeconds!: number;
  @Column('text', { name: 'default_instructions', nullable: true }) defaultInstructions!: string | null;
  /** `[pattern, model]` pairs in the operator's order. */
  @Column('jsonb', { name: 'anthropic_models', default: () => "'[]'" }) anthropicModels!: [string, string][];
  @Column('text', { name: 'dropped_params', array: true, default: () => "'{}'" }) droppedParams!: string[];
  @Column('text', { name: 'routing_strategy', default: 'balanced' }) routingStrategy!: RoutingStrategy;
  @Column('text', { name: 'evidence_policy', default: 'optimistic' }) evidencePolicy!: EvidencePolicy;
  /** How many accounts one call may be sent to; null: all. */
  @Column('integer', { name: 'ring_size', nullable: true }) ringSize!: number | null;
  @Column('boolean', { name: 'cache_locality', default: true }) cacheLocality!: boolean;
  /** Whether a session may leave its account, without what only that one can read. */
  @Column('boolean', { name: 'session_moves', default: true }) sessionMoves!: boolean;
  /** Calls at once, over all replicas; null: no limit of its own. */
  @Column('integer', { name: 'max_concurrent', nullable: true }) maxConcurrent!: number | null;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @UpdateDateColumn({ type: 'timestamptz', name: 'updated_at' }) updatedAt!: Date;
}
