import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { callIdFloor, type PoolId } from '../../core/index.js';
import { ARE_UNTIMED, COSTED_CALLS, LOCK_REPLAYS, WRITE_CORRECTIONS } from './cost-replay-sql.js';
import { nothingReplayed, replay, type CostChange, type CostedRow, type Replayed } from './cost-replay.js';
import type { PriceList } from './price-list.js';
import { PriceService } from './price.service.js';

export interface ReplayPeriod {
  /** When the calls came, Unix time in milliseconds: from the one until before the other. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly poolId?: PoolId;
}

interface ReplayOptions {
  /** Writes nothing. */
  readonly dryRun?: boolean;
  readonly batchSize?: number;
  /** How long it may take, in milliseconds; absent: as long as it takes. One batch is done in any case. */
  readonly forMs?: number;
  /** Go on where a replay of the same period ended. */
  readonly after?: ReplayPosition;
}

/** How far a replay has come: which of its ranges of ids, and the last id in it. */
export interface ReplayPosition {
  readonly range: number;
  readonly id: string;
}

/** What was looked at by a replay, and where it goes on; without that it is through. */
export interface ReplayPart extends Replayed {
  readonly next?: ReplayPosition;
}

interface Run {
  readonly list: PriceList;
  readonly sums: Replayed;
  readonly replayId: string;
  readonly dryRun: boolean;
  readonly size: number;
}

const BATCH_SIZE = 2_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
/** A call's id is made where it is received, in the same moment; clocks of one process may step. */
const ID_SLACK_MS = 60_000;

/** Ids, both ends left out. */
type IdRange = readonly [after: string, before: string];

/**
 * Computes the cost of past calls with the prices as they are now. The ledger stays as it is: a call that costs something
 * else gets a correction, and the sums the difference. Done twice it changes nothing more; ended in the middle it has
 * done a part of its work, whole calls only.
 */
@Injectable()
export class CostReplayService {
  constructor(
    private readonly database: DataSource,
    private readonly prices: PriceService,
  ) {}

  async replay(period: ReplayPeriod, options: ReplayOptions = {}): Promise<ReplayPart> {
    const endMs = performance.now() + (options.forMs ?? Infinity);
    const list = await this.prices.refresh();
    const { dryRun = false, batchSize: size = BATCH_SIZE } = options;
    const run: Run = { list, sums: nothingReplayed(list), replayId: randomUUID(), dryRun, size };
    const ranges = await this.rangesOf(period);
    let next: ReplayPosition | undefined = options.after ?? startOf(ranges, 0);
    while (next !== undefined) {
      next = await this.step(period, ranges, next, run);
      if (next !== undefined && performance.now() >= endMs) return { ...run.sums, next };
    }
    return run.sums;
  }

  /** One batch. @returns where the next one begins; undefined after the last */
  private async step(
    period: ReplayPeriod,
    ranges: readonly IdRange[],
    { range, id }: ReplayPosition,
    run: Run,
  ): Promise<ReplayPosition | undefined> {
    const [, before = LAST_ID] = ranges[range] ?? [];
    const last = await this.batch(period, [id, before], run);
    return last === undefined ? startOf(ranges, range + 1) : { range, id: last };
  }

  /** Ids tell when a call came, so that only its time has to be looked through; unless some of that time do not. */
  private async rangesOf({ fromMs, toMs }: ReplayPeriod): Promise<IdRange[]> {
    const [from, to] = [callIdFloor(fromMs - ID_SLACK_MS), callIdFloor(toMs + ID_SLACK_MS)];
    const values = [new Date(fromMs), new Date(toMs), from, to];
    const [row] = await this.database.query<{ areUntimed: boolean }[]>(ARE_UNTIMED, values);
    const others: IdRange[] = [
      [FIRST_ID, from],
      [to, LAST_ID],
    ];
    return [[from, to], ...(row?.areUntimed === true ? others : [])];
  }

  /** @returns the last id of the batch; undefined when none come after it */
  private batch(period: ReplayPeriod, range: IdRange, run: Run): Promise<string | undefined> {
    return this.database.transaction(async (transaction) => {
      if (!run.dryRun) await transaction.query(LOCK_REPLAYS);
      const rows = await this.read(transaction, period, range, run.size);
      const changes = replay(rows, run.list, run.sums);
      if (!run.dryRun && changes.length > 0) await this.write(transaction, changes, run.replayId);
      return rows.length < run.size ? undefined : rows.at(-1)?.callId;
    });
  }

  private read(
    transaction: EntityManager,
    { fromMs, toMs, poolId }: ReplayPeriod,
    [after, before]: IdRange,
    size: number,
  ): Promise<CostedRow[]> {
    const values = [after, before, new Date(fromMs), new Date(toMs), poolId ?? null, size];
    return transaction.query<CostedRow[]>(COSTED_CALLS, values);
  }

  private async write(transaction: EntityManager, changes: readonly CostChange[], replayId: string): Promise<void> {
    const ids = changes.map(({ call_id }) => call_id);
    await transaction.query(WRITE_CORRECTIONS, [JSON.stringify(changes), replayId, ids]);
  }
}

function startOf(ranges: readonly IdRange[], range: number): ReplayPosition | undefined {
  const [id] = ranges[range] ?? [];
  return id === undefined ? undefined : { range, id };
}
