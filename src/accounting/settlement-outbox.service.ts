import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { CallId } from '../core/index.js';
import { JobProducer, QUEUES } from '../platform/queue/index.js';
import { bareRecord } from './bare-record.js';
import { HeldSettlements } from './held-settlements.js';
import type { SettlementRecord } from './records.js';
import { SettlementRepository } from './settlement.repository.js';
import { SETTLE_JOB, SETTLE_OPTIONS, type SettleJob } from './settlement-job.js';
import { BATCH_WINDOW_MS, CLOSE_PATIENCE_MS, CONFIRM_PERIOD_MS } from './timing.js';
import { within } from '../platform/database/index.js';
import { WriteLoop } from './write-loop.js';

/**
 * Settlements on their way out of the process. In small batches they go into the outbox table, and then their ids to the
 * queue; what the queue does not take, or loses, is settled from here. Only with Postgres away they wait in memory: if the
 * process dies meanwhile, the sweeper settles the calls.
 */
@Injectable()
export class SettlementOutbox implements OnModuleInit {
  private readonly log = new Logger(SettlementOutbox.name);
  private readonly held = new HeldSettlements();
  private readonly keeping = new WriteLoop<SettlementRecord>(
    { next: () => this.held.nextToKeep(), write: (records) => this.keepTogether(records) },
    this.log,
  );
  private readonly settling = new WriteLoop<CallId>(
    { next: () => this.held.nextToSettle(), write: (callIds) => this.settleTogether(callIds) },
    this.log,
  );
  private batchTimer: NodeJS.Timeout | undefined;
  private confirmTimer: NodeJS.Timeout | undefined;
  private closing = false;

  constructor(
    private readonly producer: JobProducer,
    private readonly settlements: SettlementRepository,
  ) {}

  onModuleInit(): void {
    this.confirmTimer = setInterval(() => void this.confirm(Date.now()), CONFIRM_PERIOD_MS).unref();
  }

  put(record: SettlementRecord): void {
    if (!this.held.put(record)) return;
    if (this.closing || this.held.batchFull) this.keep();
    else this.batchTimer ??= setTimeout(() => this.keep(), BATCH_WINDOW_MS);
  }

  /**
   * Settle what the queue has had for a while and may have lost. Resolves when nothing waits to be settled here; never
   * rejects. @param nowMs Unix time in milliseconds
   */
  confirm(nowMs: number): Promise<void> {
    this.reportDropped();
    this.settleHere(this.held.overdue(nowMs));
    return this.settling.done();
  }

  /** Settle everything that is held, the queue's share too, for as long as a stopping process may take. */
  async close(): Promise<void> {
    this.closing = true;
    clearInterval(this.confirmTimer);
    this.keep();
    this.settleHere(this.held.withTheQueue());
    const done = this.keeping.done().then(() => this.settling.done());
    await within(CLOSE_PATIENCE_MS, done).catch(() => undefined);
    this.keeping.end();
    this.settling.end();
    this.reportDropped();
    if (this.held.size > 0) this.log.error(`Stopped with ${this.held.size} settlements unwritten.`);
  }

  private keep(): void {
    clearTimeout(this.batchTimer);
    this.batchTimer = undefined;
    this.keeping.start();
  }

  private async keepTogether(records: readonly SettlementRecord[]): Promise<void> {
    const refused = await this.settlements.keep(records);
    const bare = refused.map((record) => bareRecord(record, Date.now()));
    const lost = new Set(bare.length > 0 ? (await this.settlements.keep(bare)).map(({ id }) => id) : []);
    this.held.kept(records);
    this.reportRefused(refused.length);
    const callIds = records.map(({ id }) => id).filter((id) => !lost.has(id));
    if (this.closing) this.settleHere(callIds);
    else void this.handOver(callIds, Date.now());
  }

  private async handOver(callIds: readonly CallId[], nowMs: number): Promise<void> {
    if (callIds.length === 0) return;
    this.held.handedOver(callIds, nowMs);
    const job: SettleJob = { callIds };
    const taken = await this.producer.add(QUEUES.settlement, SETTLE_JOB, job, SETTLE_OPTIONS);
    if (!taken) this.settleHere(callIds);
  }

  private settleHere(callIds: readonly CallId[]): void {
    this.held.toSettle(callIds);
    this.settling.start();
  }

  private async settleTogether(callIds: readonly CallId[]): Promise<void> {
    const refused = await this.settlements.settle(callIds, 'direct');
    this.held.settled(callIds);
    this.reportRefused(refused.length);
  }

  private reportRefused(count: number): void {
    if (count > 0) this.log.error(`Postgres refused ${count} settlements for what is in them.`);
  }

  private reportDropped(): void {
    const dropped = this.held.takeDropped();
    if (dropped > 0)
      this.log.error(
        `${dropped} settlements dropped: too many are waiting. Those calls stay open until this process ends.`,
      );
  }
}
