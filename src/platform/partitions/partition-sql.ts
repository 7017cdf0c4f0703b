import { callIdFloor } from '../../core/index.js';
import type { PartitionedTable } from './partitioned-table.js';

/** Statements on partitions. Names of tables and bounds are our own: PostgreSQL takes no parameters in their place. */

export const PARTITIONS = `
  SELECT relname AS name, pg_get_expr(relpartbound, pg_class.oid) AS bound
    FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
   WHERE inhparent = $1::regclass`;

/** One at a time, over all workers. */
export const TAKE_TURN = `SELECT pg_try_advisory_xact_lock(hashtextextended('codex-pooler partitions', 0)) AS taken`;

/**
 * Who waits for a lock holds up everybody behind it: better to come back at the next run. Rows that nobody may delete
 * know by the last of the settings that they are only moved.
 */
export const IMPATIENTLY = (lockMs: number, statementMs: number): string =>
  `SET LOCAL lock_timeout = ${lockMs}; SET LOCAL statement_timeout = ${statementMs};
   SET LOCAL codex_pooler.moves_rows = 'on'`;

const bounds = ([fromMs, toMs]: readonly [number, number]) => [`'${callIdFloor(fromMs)}'`, `'${callIdFloor(toMs)}'`];

/** A condition: the id in `column` was made within the range. */
export const within = (column: string, range: readonly [number, number]): string => {
  const [from, to] = bounds(range);
  return `${column} >= ${from}::uuid AND ${column} < ${to}::uuid`;
};

/** In the order in which PostgreSQL takes them itself. */
export const LOCK_FOR_ATTACHING = ({ name }: PartitionedTable): string =>
  `LOCK TABLE ONLY ${name} IN SHARE UPDATE EXCLUSIVE MODE; LOCK TABLE ONLY ${name}_default IN ACCESS EXCLUSIVE MODE`;

/** `$1`: how many are more than enough. */
export const COUNT_STRAYS = ({ name, id }: PartitionedTable, range: readonly [number, number]): string =>
  `SELECT count(*)::int AS strays FROM (SELECT FROM ${name}_default WHERE ${within(id, range)} LIMIT $1) AS stray`;

export const CREATE_DETACHED = ({ name }: PartitionedTable, partition: string): string =>
  `CREATE TABLE ${partition} (LIKE ${name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`;

export const MOVE_STRAYS = (
  { name, id }: PartitionedTable,
  partition: string,
  range: readonly [number, number],
): string => `
  WITH stray AS (DELETE FROM ${name}_default WHERE ${within(id, range)} RETURNING *)
  INSERT INTO ${partition} SELECT * FROM stray`;

export const ATTACH = ({ name }: PartitionedTable, partition: string, range: readonly [number, number]): string => {
  const [from, to] = bounds(range);
  return `ALTER TABLE ${name} ATTACH PARTITION ${partition} FOR VALUES FROM (${from}) TO (${to})`;
};

export const DROP = (partition: string): string => `DROP TABLE ${partition}`;

/** `$1` before when a row is old, `$2` how many at most. Reads them in the order of their age. */
export const DELETE_OLD = (table: string, time: string, keep = 'false'): string => `
  DELETE FROM ${table}
   WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${time} < $1 AND NOT (${keep}) ORDER BY ${time} LIMIT $2))`;

/** The same where only the order of the ids tells which rows are the oldest. */
export const DELETE_OLD_BY_ID = (table: string, time: string, id: string): string => `
  DELETE FROM ${table}
   WHERE ctid = ANY (ARRAY(SELECT row FROM (SELECT ctid AS row, ${time} AS time FROM ${table} ORDER BY ${id} LIMIT $2)
                                           AS oldest WHERE time < $1))`;
