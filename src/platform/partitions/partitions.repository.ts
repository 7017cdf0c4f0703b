import { Injectable } from '@nestjs/common';
import { DataSource, QueryFailedError, type EntityManager } from 'typeorm';
import { partitionName, stretchOf } from './partition-bounds.js';
import * as sql from './partition-sql.js';
import type { PartitionedTable } from './partitioned-table.js';
import type { Stretch } from './plan-partitions.js';

/** How long traffic may stand behind us. */
const LOCK_MS = 500;
/** Attaching reads the DEFAULT partition; a gateway waits 5 s for a row that wants to go there. */
const STATEMENT_MS = 3_000;
/** Rows of one range that are moved out of the DEFAULT partition, in about a quarter of a second. */
const STRAYS_AT_MOST = 10_000;

/** `held`: something in the rows themselves forbids it. `busy`: somebody else was using the table; the next run may try. */
export type Done = 'done' | 'already' | 'held' | 'busy';

/** Creates and drops partitions, each in a transaction of its own that waits for nobody for long. */
@Injectable()
export class PartitionsRepository {
  constructor(private readonly database: DataSource) {}

  /** The database's. A worker whose clock is wrong must not drop anything. */
  async nowMs(): Promise<number> {
    const [row] = await this.database.query<{ ms: string }[]>(
      'SELECT floor(extract(epoch FROM now()) * 1000)::bigint AS ms',
    );
    return Number(row?.ms);
  }

  /** Without the DEFAULT partition. */
  async list({ name }: PartitionedTable): Promise<Stretch[]> {
    const rows = await this.database.query<{ name: string; bound: string }[]>(sql.PARTITIONS, [name]);
    return rows.flatMap((row) => stretchOf(row.name, row.bound) ?? []);
  }

  /**
   * Makes a partition; rows of its range that had to go to the DEFAULT partition come along. Too many of them stay where
   * they are, and the range has no partition: retention deletes them there.
   */
  async create(
    table: PartitionedTable,
    range: readonly [number, number],
    straysAtMost = STRAYS_AT_MOST,
  ): Promise<{ done: Done; moved: number }> {
    let moved = 0;
    const done = await this.inTurn(async (transaction) => {
      const partition = partitionName(table.name, range[0]);
      if (await exists(transaction, partition)) return 'already';
      await transaction.query(sql.LOCK_FOR_ATTACHING(table));
      const strays = await this.strays(transaction, table, range, straysAtMost);
      if (strays > straysAtMost) return 'held';
      await transaction.query(sql.CREATE_DETACHED(table, partition));
      if (strays > 0) await transaction.query(sql.MOVE_STRAYS(table, partition, range));
      await transaction.query(sql.ATTACH(table, partition, range));
      moved = strays;
      return 'done';
    });
    return { done, moved: done === 'done' ? moved : 0 };
  }

  /** Drops a partition with all of its rows, unless something still needs one of them. */
  async drop({ held, beforeDrop }: PartitionedTable, { name, fromMs, toMs }: Stretch): Promise<Done> {
    return this.inTurn(async (transaction) => {
      if (!(await exists(transaction, name))) return 'already';
      if (held !== undefined) {
        const [row] = await transaction.query<{ held: boolean }[]>(`SELECT ${held([fromMs, toMs])} AS held`);
        if (row?.held !== false) return 'held';
      }
      for (const statement of beforeDrop?.(name) ?? []) await transaction.query(statement);
      await transaction.query(sql.DROP(name));
      return 'done';
    });
  }

  private async strays(
    transaction: EntityManager,
    table: PartitionedTable,
    range: readonly [number, number],
    atMost: number,
  ): Promise<number> {
    const [row] = await transaction.query<{ strays: number }[]>(sql.COUNT_STRAYS(table, range), [atMost + 1]);
    return row?.strays ?? 0;
  }

  private async inTurn(work: (transaction: EntityManager) => Promise<Done>): Promise<Done> {
    try {
      return await this.database.transaction(async (transaction) => {
        await transaction.query(sql.IMPATIENTLY(LOCK_MS, STATEMENT_MS));
        const [turn] = await transaction.query<{ taken: boolean }[]>(sql.TAKE_TURN);
        return turn?.taken === true ? await work(transaction) : 'busy';
      });
    } catch (error) {
      if (isImpatience(error)) return 'busy';
      throw error;
    }
  }
}

async function exists(transaction: EntityManager, table: string): Promise<boolean> {
  const [row] = await transaction.query<{ there: boolean }[]>('SELECT to_regclass($1) IS NOT NULL AS there', [table]);
  return row?.there === true;
}

/** lock_not_available, query_canceled, deadlock_detected: somebody else was using the table. */
const isImpatience = (error: unknown): boolean =>
  error instanceof QueryFailedError &&
  ['55P03', '57014', '40P01'].includes(String((error.driverError as { code?: unknown }).code));
