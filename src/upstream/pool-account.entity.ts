import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { AccountId, PoolId } from '../core/index.js';
import { UpstreamAccount } from './upstream-account.entity.js';

export type AssignmentStatus = 'active' | 'paused';

/** An account's place in a Pool. One account may serve several Pools. */
@Entity('pool_account')
@Check('pool_account_status_ck', `status IN ('active', 'paused')`)
@Check('pool_account_priority_ck', 'priority >= 0')
@Index('pool_account_account_idx', ['accountId'])
export class PoolAccount {
  /** Another module's row: an id, never a relation. */
  @PrimaryColumn('uuid', { name: 'pool_id', primaryKeyConstraintName: 'pool_account_pk' }) poolId!: PoolId;
  @PrimaryColumn('uuid', { name: 'account_id', primaryKeyConstraintName: 'pool_account_pk' })
  @ForeignKey(() => UpstreamAccount, { name: 'pool_account_account_fk', onDelete: 'CASCADE' })
  accountId!: AccountId;
  @Column('text') status!: AssignmentStatus;
  /** Its tier, 0 first; counts under the strategy `priority`. */
  @Column('integer', { default: 0 }) priority!: number;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
}
