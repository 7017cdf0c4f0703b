import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AccountId, KeyId, PoolId, Principal } from '../core/index.js';
import { isFileId } from './file-id.js';
import type { FilePurpose, UploadedFileStatus } from './uploaded-file.entity.js';

/** A file as its owner may know it. */
export interface OwnFile {
  readonly fileId: string;
  readonly accountId: AccountId;
  readonly status: UploadedFileStatus;
}

interface Announcement {
  readonly fileId: string;
  readonly accountId: AccountId;
  readonly poolId: PoolId;
  readonly keyId: KeyId;
  readonly sizeBytes: number;
  /** What its owner may ask for again; absent for a file that is not to be listed. */
  readonly listed?: { readonly sealedName: Buffer; readonly purpose: FilePurpose };
}

/** How long a file can be used after it was announced. */
export const FILE_LIFE_MS = 24 * 60 * 60 * 1000;

/** Which account holds which file, in the database: every gateway has to know it. */
@Injectable()
export class UploadedFiles {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Note a file that an account was just told of. What is known already is only ever overwritten by its own owner, or
   * once it is over.
   *
   * @param nowMs Unix time in milliseconds
   * @returns whether the file is the caller's now; false when somebody else has one of that id
   */
  async announced(file: Announcement, nowMs: number): Promise<boolean> {
    const { fileId, accountId, poolId, keyId, sizeBytes, listed } = file;
    const times = [new Date(nowMs), new Date(nowMs + FILE_LIFE_MS)];
    const taken = await this.dataSource.query<unknown[]>(ANNOUNCE, [
      ...[fileId, accountId, poolId, keyId, sizeBytes],
      ...times,
      ...[listed?.sealedName ?? null, listed?.purpose ?? null],
    ]);
    return taken.length > 0;
  }

  /** Those of the files that are the caller's and not over. One read, whatever their number. */
  async ownedBy(caller: Principal, fileIds: readonly string[], nowMs: number): Promise<readonly OwnFile[]> {
    const ids = fileIds.filter(isFileId);
    if (ids.length === 0) return [];
    return this.dataSource.query<OwnFile[]>(OWNED, [ids, caller.pool.id, caller.keyId, new Date(nowMs)]);
  }

  /** The provider has all of it: from now on requests may refer to it. */
  async uploaded(fileId: string, accountId: AccountId): Promise<void> {
    await this.dataSource.query(UPLOADED, [fileId, accountId]);
  }

  /** Its bytes will never be there: from now on it is as if nobody had announced it. */
  async abandoned(fileId: string, accountId: AccountId): Promise<void> {
    await this.dataSource.query(ABANDONED, [fileId, accountId]);
  }

  /** Forget the files that are over. @returns how many */
  async sweep(nowMs: number): Promise<number> {
    const [, swept] = await this.dataSource.query<[unknown, number]>(SWEEP, [new Date(nowMs)]);
    return swept;
  }
}

const ANNOUNCE = `
  INSERT INTO uploaded_file AS known
         (file_id, account_id, pool_id, key_id, size_bytes, status, created_at, expires_at, sealed_name, purpose)
  VALUES ($1, $2, $3, $4, $5, 'pending_upload', $6, $7, $8, $9)
  ON CONFLICT (file_id) DO UPDATE
     SET account_id = excluded.account_id, pool_id = excluded.pool_id, key_id = excluded.key_id,
         size_bytes = excluded.size_bytes, status = excluded.status, created_at = excluded.created_at,
         expires_at = excluded.expires_at, sealed_name = excluded.sealed_name, purpose = excluded.purpose
   WHERE known.expires_at <= excluded.created_at
      OR (known.account_id, known.pool_id, known.key_id) = (excluded.account_id, excluded.pool_id, excluded.key_id)
  RETURNING file_id`;

const OWNED = `
  SELECT file_id AS "fileId", account_id AS "accountId", status FROM uploaded_file
   WHERE file_id = ANY ($1) AND pool_id = $2 AND key_id = $3 AND expires_at > $4
     AND status <> 'abandoned'`;

const UPLOADED = `UPDATE uploaded_file SET status = 'uploaded' WHERE file_id = $1 AND account_id = $2`;

const ABANDONED = `
  UPDATE uploaded_file SET status = 'abandoned'
   WHERE file_id = $1 AND account_id = $2 AND status = 'pending_upload'`;

const SWEEP = 'DELETE FROM uploaded_file WHERE expires_at <= $1';
