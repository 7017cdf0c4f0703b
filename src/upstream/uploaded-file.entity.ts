import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { AccountId, KeyId, PoolId } from '../core/index.js';
import { UpstreamAccount } from './upstream-account.entity.js';

/** `abandoned`: its bytes did not arrive; nobody can use it. */
export type UploadedFileStatus = 'pending_upload' | 'uploaded' | 'abandoned';

/** What clients of `/v1` say that a file is for. */
export const FILE_PURPOSES = ['assistants', 'batch', 'fine-tune', 'user_data', 'vision'] as const;
export type FilePurpose = (typeof FILE_PURPOSES)[number];

/**
 * Who holds a file that a client announced, and for whom. Its name is sealed, and kept only where the client may ask for
 * it again; not a byte of it is here: those are with the provider.
 */
@Entity('uploaded_file')
@Check('uploaded_file_size_ck', 'size_bytes > 0')
@Check('uploaded_file_status_ck', "status IN ('pending_upload', 'uploaded', 'abandoned')")
@Check('uploaded_file_purpose_ck', "purpose IN ('assistants', 'batch', 'fine-tune', 'user_data', 'vision')")
@Index('uploaded_file_account_idx', ['accountId'])
@Index('uploaded_file_expires_idx', ['expiresAt'])
@Index('uploaded_file_key_created_idx', ['keyId', 'createdAt'])
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
  /** Both absent for a file of a Codex client, which never asks for them. */
  @Column('bytea', { name: 'sealed_name', nullable: true }) sealedName!: Buffer | null;
  @Column('text', { nullable: true }) purpose!: FilePurpose | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt!: Date;
}
