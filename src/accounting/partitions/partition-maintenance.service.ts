import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config/index.js';
import {
  keepPartitions,
  OldRowsRepository,
  PartitionsRepository,
  type AgingRows,
  type KeptPartitions,
  type PartitionedTable,
} from '../../platform/partitions/index.js';
import { DAY_MS } from '../rollups/days.js';
import { ATTEMPTS, LEDGER, REQUESTS } from './partitioned-tables.js';

/** What one run did. */
export interface Maintained extends KeptPartitions {
  /** Old rows outside of partitions by time. */
  readonly deleted: number;
}

type Counts = { -readonly [Name in keyof Maintained]: number };

/** A run ends after this; the next one goes on. */
const RUN_MS = 30_000;

const HOURLY: AgingRows = { table: 'usage_hourly', time: 'hour' };
/** Of entries of the ledger: later than those. */
const CORRECTIONS: AgingRows = { table: 'cost_correction', time: 'at', ascending: 'id' };

/**
 * Keeps partitions ready for the rows to come and drops those that are too old. Nothing waits for it: rows without a
 * partition go to the DEFAULT one. What it does depends on the number of partitions, not of rows. Several may run at a
 * time.
 */
@Injectable()
export class PartitionMaintenance implements OnModuleDestroy {
  private readonly log = new Logger(PartitionMaintenance.name);
  private ended = false;

  constructor(
    private readonly partitions: PartitionsRepository,
    private readonly oldRows: OldRowsRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @param nowMs the database's own time unless given */
  async run(nowMs?: number): Promise<Maintained> {
    const atMs = nowMs ?? (await this.partitions.nowMs());
    const endMs = performance.now() + RUN_MS;
    const isTime = () => this.ended || performance.now() > endMs;
    const counts: Counts = { created: 0, dropped: 0, moved: 0, deleted: 0, postponed: 0 };
    const { RETENTION_REQUEST_DAYS, RETENTION_ATTEMPT_DAYS, RETENTION_LEDGER_DAYS, RETENTION_HOURLY_DAYS } =
      this.config;
    await this.maintain(ATTEMPTS, atMs, RETENTION_ATTEMPT_DAYS, counts, isTime);
    await this.maintain(REQUESTS, atMs, RETENTION_REQUEST_DAYS, counts, isTime);
    await this.maintain(LEDGER, atMs, RETENTION_LEDGER_DAYS, counts, isTime);
    counts.deleted += await this.deleteOld(CORRECTIONS, atMs, RETENTION_LEDGER_DAYS, isTime);
    counts.deleted += await this.deleteOld(HOURLY, atMs, RETENTION_HOURLY_DAYS, isTime);
    if (counts.postponed > 0) this.log.warn(`${counts.postponed} partitions could not be created or dropped yet.`);
    return counts;
  }

  /** A round under way stops after its next statements. */
  onModuleDestroy(): void {
    this.ended = true;
  }

  private async maintain(
    table: PartitionedTable,
    nowMs: number,
    retentionDays: number,
    counts: Counts,
    isTime: () => boolean,
  ): Promise<void> {
    const kept = await keepPartitions(this.partitions, table, { nowMs, retentionDays }, isTime);
    for (const name of ['created', 'dropped', 'moved', 'postponed'] as const) counts[name] += kept[name];
    const strays: AgingRows = { table: `${table.name}_default`, time: table.time, ...keepOf(table) };
    counts.deleted += await this.deleteOld(strays, nowMs, retentionDays, isTime);
  }

  private async deleteOld(rows: AgingRows, nowMs: number, days: number, isTime: () => boolean): Promise<number> {
    return days === 0 ? 0 : this.oldRows.deleteOld(rows, nowMs - days * DAY_MS, isTime);
  }
}

const keepOf = ({ keep }: PartitionedTable) => (keep === undefined ? {} : { keep });
