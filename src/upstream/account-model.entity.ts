import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { AccountId } from '../core/index.js';
import { UpstreamAccount } from './upstream-account.entity.js';

/** One model that an account may use, as the upstream's catalog last described it. */
@Entity('account_model')
export class AccountModel {
  @PrimaryColumn('uuid', { name: 'account_id', primaryKeyConstraintName: 'account_model_pk' })
  @ForeignKey(() => UpstreamAccount, { name: 'account_model_account_fk', onDelete: 'CASCADE' })
  accountId!: AccountId;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'account_model_pk' }) slug!: string;
  /** Place in the upstream's own list, from 0. */
  @Column('integer') position!: number;
  /** The provider's object, unknown fields and all. */
  @Column('jsonb') entry!: Record<string, unknown>;
}
