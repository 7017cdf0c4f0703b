import type { Repository } from 'typeorm';
import type { PoolId } from '../core/index.js';
import type { KeyStatus, PoolKey } from './pool-key.entity.js';

/** Which keys; whatever is absent does not matter. */
export interface KeyQuestion {
  readonly poolIds?: readonly PoolId[];
  readonly status?: KeyStatus;
  /** In their labels or prefixes, in whatever case. */
  readonly text?: string;
  readonly limit: number;
  readonly after?: KeyPosition;
}

/** A page ended with this key: the next one goes on after it. */
export interface KeyPosition {
  /** ISO 8601, as exact as the database has it. */
  readonly createdAt: string;
  readonly id: string;
}

export interface KeyPage {
  readonly keys: readonly PoolKey[];
  /** Absent: these were the last. */
  readonly next?: KeyPosition;
}

const EXACT = `to_char(pool_key.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

export async function pageOfKeys(rows: Repository<PoolKey>, question: KeyQuestion): Promise<KeyPage> {
  const { poolIds, status, text, limit, after } = question;
  const query = rows
    .createQueryBuilder('pool_key')
    .addSelect(EXACT, 'exact')
    .orderBy({ 'pool_key.createdAt': 'ASC', 'pool_key.id': 'ASC' })
    .limit(limit + 1);
  if (poolIds) query.andWhere('pool_key.poolId = ANY(:poolIds)', { poolIds });
  if (status) query.andWhere('pool_key.status = :status', { status });
  if (text !== undefined) {
    const isIn = 'strpos(lower(pool_key.label), lower(:text)) > 0 OR strpos(pool_key.prefix, lower(:text)) > 0';
    query.andWhere(`(${isIn})`, { text });
  }
  if (after) {
    const from = '(CAST(:createdAt AS timestamptz), CAST(:id AS uuid))';
    query.andWhere(`(pool_key.createdAt, pool_key.id) > ${from}`, { createdAt: after.createdAt, id: after.id });
  }
  const { entities, raw } = await query.getRawAndEntities<{ exact: string }>();
  const keys = entities.slice(0, limit);
  const last = keys.at(-1);
  const createdAt = raw[keys.length - 1]?.exact;
  const more = entities.length > limit && last && createdAt !== undefined;
  return { keys, ...(more ? { next: { createdAt, id: last.id } } : {}) };
}
