import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { AccountId, KeyId, PoolId } from '../core/index.js';
import { UpstreamAccount } from './upstream-account.entity.js';

export type UploadedFileStatus = 'pending_upload' | 'uploaded';

/**
 * Who holds a file that a client announced, and for whom. Neither its name nor a byte of it: those are between the
 * client and the provider.
 */
@Entity('uploaded_file')
@Check('uploaded_file_size_ck', 'size_bytes > 0')
@Check('uploaded_file_status_ck', "status IN ('pending_upload', 'uploaded')")
@Index('uploaded_file_account_idx', ['accountId'])
@Index('uploaded_file_expires_idx', ['expiresAt'])
export class UploadedFile {
  /** The provider's own id. */
  @PrimaryColumn('text', { name: 'file_id', primaryKeyConstraintName: 'uploaded_file_pk' }) fileId!: string;
  @Column('uuid', { name: 'account_id' })
  @ForeignKey(() => UpstreamAccount, { name: 'uploaded_file_account_fk', onDelete: 'CASCADE' })
  accountId!: AccountId;
  /** Another module's rows: ids, never relations. */
  @Column('uuid', { name: 'pool_id' }) poolId!: PoolId;
  @Column('uuid', { name: 'key_id' }) keyId!: KeyId;
  /** As announced; a string, as Postgres sends `bigint`. */
  @Column('bigint', { name: 'size_bytes' }) sizeBytes!: string;
  @Column('text') status!: UploadedFileStatus;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt!: Date;
}
