import type { Repository } from 'typeorm';
import { constantTimeEqual } from '../platform/crypto/index.js';
import type { ParsedToken } from './token-format.js';

/** The columns of a row that is found by a secret, or by the one that it had before. */
export interface SecretRow {
  id: string;
  prefix: string;
  digest: Buffer;
  previousPrefix: string | null;
  previousDigest: Buffer | null;
  previousUntil: Date | null;
}

interface Found<Row> {
  readonly row: Row;
  /** Of a secret that was rotated away: until when it is good, Unix time in milliseconds. */
  readonly untilMs?: number;
}

/** The row whose secret was shown; [] when no row has the prefix, and when the secret is another one. */
export async function withSecret<Row extends SecretRow>(
  rows: Repository<Row>,
  shown: ParsedToken,
): Promise<Found<Row>[]> {
  const found = await rows
    .createQueryBuilder('row')
    .addSelect(['row.digest', 'row.previousDigest'])
    .where('row.prefix = :prefix OR row.previousPrefix = :prefix', { prefix: shown.prefix })
    .getMany();
  return found.flatMap((row) => match(row, shown) ?? []);
}

function match<Row extends SecretRow>(row: Row, { prefix, digest }: ParsedToken): Found<Row> | undefined {
  if (row.prefix === prefix && constantTimeEqual(row.digest, digest)) return { row };
  if (row.previousPrefix !== prefix || !row.previousDigest || !row.previousUntil) return undefined;
  return constantTimeEqual(row.previousDigest, digest) ? { row, untilMs: row.previousUntil.getTime() } : undefined;
}

/** Several processes may mark the same use; the latest wins. */
export async function markUsed<Row extends SecretRow>(rows: Repository<Row>, id: string, at: Date): Promise<void> {
  const { tableName } = rows.metadata;
  await rows.query(
    `UPDATE ${tableName} SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)`,
    [id, at],
  );
}

/**
 * A new secret in the place of the one that is there.
 *
 * @param overlapMs how long the old one is good beside it; 0: not at all
 * @returns false when the row is not there, or was revoked
 */
export async function rotateSecret<Row extends SecretRow>(
  rows: Repository<Row>,
  id: string,
  { prefix, digest }: ParsedToken,
  overlapMs = 0,
): Promise<boolean> {
  const { tableName } = rows.metadata;
  const [, changed] = await rows.query<[unknown, number]>(
    `UPDATE ${tableName}
        SET previous_prefix = CASE WHEN $4 > 0 THEN prefix END, previous_digest = CASE WHEN $4 > 0 THEN digest END,
            previous_until = CASE WHEN $4 > 0 THEN now() + $4 * interval '1 ms' END, prefix = $2, digest = $3
      WHERE id = $1 AND revoked_at IS NULL`,
    [id, prefix, digest, overlapMs],
  );
  return changed > 0;
}
