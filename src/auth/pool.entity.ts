import { Check, Column, CreateDateColumn, Entity, PrimaryColumn, Unique, UpdateDateColumn } from 'typeorm';
import type { PoolId } from '../core/index.js';

export type PoolStatus = 'active' | 'disabled' | 'archived';
export type RoutingStrategy = 'balanced';

/** Accounts and policy that a set of keys shares. */
@Entity('pool')
@Unique('pool_slug_uq', ['slug'])
@Check('pool_slug_ck', `slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'`)
@Check('pool_status_ck', `status IN ('active', 'disabled', 'archived')`)
@Check('pool_routing_strategy_ck', `routing_strategy IN ('balanced')`)
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
  @Column('text', { name: 'routing_strategy', default: 'balanced' }) routingStrategy!: RoutingStrategy;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @UpdateDateColumn({ type: 'timestamptz', name: 'updated_at' }) updatedAt!: Date;
}
