import { Check, Column, Entity, Generated, Index, PrimaryColumn } from 'typeorm';
import type { AccountId, KeyId, PoolId } from '../core/index.js';
import type { StoredKind } from './stored-kind.js';

/** Something that a client may come back to, sealed. Of what was said and answered nothing is in clear but names. */
@Entity('stored_item')
@Check('stored_item_kind_ck', "kind IN ('response', 'completion')")
@Index('stored_item_visible_idx', ['poolId', 'kind', 'seq'], { where: 'NOT hidden' })
@Index('stored_item_hidden_idx', ['seq'], { where: 'hidden' })
@Index('stored_item_parent_idx', ['poolId', 'kind', 'parentId'], { where: 'parent_id IS NOT NULL' })
@Index('stored_item_item_ids_idx', ['itemIds'], { type: 'gin', where: 'NOT hidden' })
@Index('stored_item_expires_idx', ['expiresAt'], { where: 'NOT hidden' })
export class StoredItem {
  /** Another module's rows: ids, never relations. */
  @PrimaryColumn('uuid', { name: 'pool_id', primaryKeyConstraintName: 'stored_item_pk' }) poolId!: PoolId;
  @PrimaryColumn('text', { primaryKeyConstraintName: 'stored_item_pk' }) kind!: StoredKind;
  /** As the client knows it. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'stored_item_pk' }) id!: string;
  /** Rises from one item to the next: the order of a Pool's items. A string, as Postgres sends `bigint`. */
  @Column('bigint') @Generated('increment') seq!: string;
  @Column('uuid', { name: 'key_id' }) keyId!: KeyId;
  /** Which account answered: what it encrypted is of no use to another. */
  @Column('uuid', { name: 'account_id' }) accountId!: AccountId;
  /** The response that this one goes on from; its content is not repeated here. */
  @Column('text', { name: 'parent_id', nullable: true }) parentId!: string | null;
  /** What the items of a response are called: the provider's opaque ids, by which clients repeat them. */
  @Column('text', { name: 'item_ids', array: true, default: '{}' }) itemIds!: string[];
  @Column('text') model!: string;
  @Column('bytea') content!: Buffer;
  @Column('bytea', { nullable: true }) metadata!: Buffer | null;
  /** Deleted, evicted or over: nobody's to see, and here only as long as other items go on from it. */
  @Column('boolean', { default: false }) hidden!: boolean;
  /** Until then an item that goes on from this one may be in the making, so this one has to stay. */
  @Column('timestamptz', { name: 'awaited_until', nullable: true }) awaitedUntil!: Date | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt!: Date;
}
