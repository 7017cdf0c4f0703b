import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../platform/config/index.js';
import {
  keepPartitions,
  PartitionsRepository,
  type KeptPartitions,
  type PartitionedTable,
} from '../platform/partitions/index.js';
import type { MaintenanceJob } from '../platform/queue/index.js';

const HOUR_MS = 3_600_000;
/** A run ends after this; the next one goes on. */
const RUN_MS = 30_000;

const AUDIT_EVENTS: PartitionedTable = {
  name: 'audit_event',
  id: 'id',
  time: 'occurred_at',
  // The table first, as whoever adds an event does: else the two could wait for each other.
  beforeDrop: (partition) => [
    'LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE',
    `UPDATE audit_chain SET anchor_seq = newest.seq, anchor_hash = newest.hash
       FROM (SELECT seq, hash FROM ${partition} ORDER BY seq DESC LIMIT 1) AS newest
      WHERE audit_chain.id = 1 AND newest.seq > anchor_seq`,
  ],
};

/** Drops the months of events that are too old; the chain of those that are kept begins where they ended. */
@Injectable()
export class AuditRetentionJob implements MaintenanceJob {
  readonly name = 'audit_retention';
  readonly everyMs = HOUR_MS;

  constructor(
    private readonly partitions: PartitionsRepository,
    @Inject(CONFIG) private readonly config: Pick<Config, 'RETENTION_AUDIT_DAYS'>,
  ) {}

  /** @param nowMs the database's own time unless given */
  async run(nowMs?: number): Promise<KeptPartitions> {
    const endMs = performance.now() + RUN_MS;
    const age = { nowMs: nowMs ?? (await this.partitions.nowMs()), retentionDays: this.config.RETENTION_AUDIT_DAYS };
    return keepPartitions(this.partitions, AUDIT_EVENTS, age, () => performance.now() > endMs);
  }
}
