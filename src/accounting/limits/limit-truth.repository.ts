import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { newCallId, normalModel, type CallId, type UsageLimit } from '../../core/index.js';
import type { CounterContents } from '../../platform/shared-state/index.js';
import { CONTENTS } from './limit-sql.js';
import { dateOf, dayOf } from './windows.js';

/** More than the longest window, a month, reaches back. */
const DAYS_BACK = 37;
/** How far the clock of a gateway may be behind that of the database. */
const REQUESTS_BACK_MS = 600_000;

interface ContentsRow {
  readonly days: readonly [day: number, tokens: number, nanoUsd: number][];
  readonly holds: readonly [id: string, day: number, tokens: number, nanoUsd: number, endsInMs: number][];
  readonly asked: readonly [id: string, agoMs: number][];
  readonly settled: readonly CallId[];
}

export interface Truth extends CounterContents {
  /** Of the calls that were asked about, those that have been settled. */
  readonly settled: ReadonlySet<string>;
}

/** What counters copy: sums of the rollups, reservations, and who came in the last minute. */
@Injectable()
export class LimitTruthRepository {
  constructor(private readonly database: DataSource) {}

  /** All that counts for a limit. @param calls to be told of whether they are settled, in the same snapshot */
  async of(
    limit: Pick<UsageLimit, 'scope' | 'id' | 'model'>,
    nowMs: number,
    calls: readonly string[] = [],
    manager: Pick<EntityManager, 'query'> = this.database,
  ): Promise<Truth> {
    const [row] = await manager.query<ContentsRow[]>(CONTENTS[limit.scope], [
      limit.id,
      dateOf(dayOf(nowMs) - DAYS_BACK),
      limit.model === undefined ? null : likeOf(limit.model),
      newCallId(nowMs - REQUESTS_BACK_MS, Buffer.alloc(10)),
      calls,
    ]);
    if (row === undefined) throw new Error('Postgres said nothing of a counter.');
    return {
      days: row.days.map(([day, tokens, nanoUsd]) => ({ day, tokens, nanoUsd })),
      holds: row.holds.map(([id, day, tokens, nanoUsd, endsInMs]) => ({ id, day, tokens, nanoUsd, endsInMs })),
      asked: row.asked.map(([id, agoMs]) => ({ id, agoMs })),
      settled: new Set(row.settled),
    };
  }
}

const likeOf = (pattern: string): string =>
  normalModel(pattern)
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%');
