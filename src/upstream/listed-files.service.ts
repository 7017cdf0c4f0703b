import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Principal } from '../core/index.js';
import { SecretBox } from '../platform/crypto/index.js';
import { isFileId } from './file-id.js';
import type { FilePurpose, UploadedFileStatus } from './uploaded-file.entity.js';

/** A file as its owner sees it. */
export interface ListedFile {
  readonly fileId: string;
  /** Private: never logged. */
  readonly name: string;
  readonly purpose: FilePurpose;
  readonly sizeBytes: number;
  readonly status: UploadedFileStatus;
  /** Unix time in seconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface FilePage {
  readonly purpose?: string;
  readonly order: 'asc' | 'desc';
  /** The id after which the page begins; one that is not in the list begins it anew. */
  readonly after?: string;
  readonly limit: number;
}

interface Row extends Omit<ListedFile, 'name'> {
  readonly sealedName: Buffer;
}

const sealedFor = (fileId: string) => ({ purpose: 'uploaded_file.name', row: fileId });

/** The files of Pool API keys, for those keys: with their names, which are sealed everywhere else. */
@Injectable()
export class ListedFiles {
  constructor(
    private readonly dataSource: DataSource,
    private readonly box: SecretBox,
  ) {}

  sealedName(fileId: string, name: string): Buffer {
    return this.box.seal(name, sealedFor(fileId));
  }

  /** @returns undefined for a file that is not there, or not the caller's, or over, or never arrived */
  async find(caller: Principal, fileId: string, nowMs: number): Promise<ListedFile | undefined> {
    if (!isFileId(fileId)) return undefined;
    const [row] = await this.dataSource.query<Row[]>(`${OWN} AND file_id = $4`, [...owner(caller, nowMs), fileId]);
    return row && this.opened(row);
  }

  async page(caller: Principal, page: FilePage, nowMs: number): Promise<readonly ListedFile[]> {
    const { purpose = null, after = null, limit, order } = page;
    const before = order === 'desc' ? '<' : '>';
    const sql = `
      ${OWN} AND ($4::text IS NULL OR purpose = $4)
         AND coalesce((created_at, file_id) ${before}
               (SELECT last.created_at, last.file_id FROM uploaded_file last
                 WHERE last.file_id = $5 AND last.pool_id = $1 AND last.key_id = $2), true)
       ORDER BY created_at ${order}, file_id ${order} LIMIT $6`;
    const rows = await this.dataSource.query<Row[]>(sql, [...owner(caller, nowMs), purpose, after, limit]);
    return rows.map((row) => this.opened(row));
  }

  private opened({ sealedName, ...row }: Row): ListedFile {
    return { ...row, name: this.nameOf(row.fileId, sealedName) };
  }

  /** Its id for one that was sealed with a key that is gone: a list must not fail over a name. */
  private nameOf(fileId: string, sealedName: Buffer): string {
    try {
      return this.box.open(sealedName, sealedFor(fileId));
    } catch {
      return fileId;
    }
  }
}

const owner = ({ pool, keyId }: Principal, nowMs: number): unknown[] => [pool.id, keyId, new Date(nowMs)];

const OWN = `
  SELECT file_id AS "fileId", sealed_name AS "sealedName", purpose, size_bytes::float8 AS "sizeBytes", status,
         floor(extract(epoch FROM created_at))::float8 AS "createdAt",
         floor(extract(epoch FROM expires_at))::float8 AS "expiresAt"
    FROM uploaded_file
   WHERE pool_id = $1 AND key_id = $2 AND expires_at > $3 AND status <> 'abandoned' AND purpose IS NOT NULL`;
