import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DELETE_OLD, DELETE_OLD_BY_ID } from './partition-sql.js';

/** Where rows of any age lie together. */
export interface AgingRows {
  readonly table: string;
  /** Has an index that begins with it, unless there is an `ascending` id. */
  readonly time: string;
  readonly ascending?: string;
  /** Condition of those that stay however old they are. */
  readonly keep?: string;
}

const ROWS_PER_BATCH = 5_000;

/** Deletes what no partition can be dropped with. */
@Injectable()
export class OldRowsRepository {
  constructor(private readonly database: DataSource) {}

  /** The oldest rows first. @returns how many; fewer than `atMost` when no old one is left */
  async deleteBatch(rows: AgingRows, beforeMs: number, atMost = ROWS_PER_BATCH): Promise<number> {
    const { table, time, keep, ascending } = rows;
    const sql = ascending === undefined ? DELETE_OLD(table, time, keep) : DELETE_OLD_BY_ID(table, time, ascending);
    const [, deleted] = await this.database.query<[unknown, number]>(sql, [new Date(beforeMs), atMost]);
    return deleted;
  }

  /** In batches until none is left, or until `isTime` says that it is enough. */
  async deleteOld(rows: AgingRows, beforeMs: number, isTime: () => boolean, atMost = ROWS_PER_BATCH): Promise<number> {
    let total = 0;
    while (!isTime()) {
      const deleted = await this.deleteBatch(rows, beforeMs, atMost);
      total += deleted;
      if (deleted < atMost) break;
    }
    return total;
  }
}
