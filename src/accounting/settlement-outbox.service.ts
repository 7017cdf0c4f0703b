import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { CallId } from '../core/index.js';
import { JobProducer, QUEUES } from '../platform/queue/index.js';
import { safeError } from '../platform/telemetry/index.js';
import { HeldSettlements } from './held-settlements.js';
import { pause } from './pause.js';
import type { SettlementRecord } from './records.js';
import { SettlementRepository } from './settlement.repository.js';
import { SETTLE_JOB, SETTLE_OPTIONS } from './settlement-job.js';
import {
  BATCH_WINDOW_MS,
  CLOSE_PATIENCE_MS,
  CONFIRM_PERIOD_MS,
  DIRECT_PATIENCE_MS,
  DIRECT_RETRY_FIRST_MS,
  DIRECT_RETRY_LAST_MS,
} from './timing.js';
import { within } from './within.js';

/**
 * Settlements on their way out of the process. They go to the queue in small batches, or straight to Postgres when the
 * queue does not take them, and are kept here until their ledger entry has been seen: a queue that loses its jobs loses
 * no settlement. With Postgres away too they wait. If the process dies meanwhile, the sweeper settles the calls.
 */
@Injectable()
export class SettlementOutbox implements OnModuleInit {
  private readonly log = new Logger(SettlementOutbox.name);
  private readonly held = new HeldSettlements();
  private batchTimer: NodeJS.Timeout | undefined;
  private confirmTimer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private closing = false;
  private closed = false;

  constructor(
    private readonly producer: JobProducer,
    private readonly settlements: SettlementRepository,
  ) {}

  onModuleInit(): void {
    this.confirmTimer = setInterval(() => void this.confirm(Date.now()), CONFIRM_PERIOD_MS).unref();
  }

  put(record: SettlementRecord): void {
    if (!this.held.put(record)) return;
    if (this.closing) this.writeDirectly(this.held.takeBatch());
    else if (this.held.batchFull) void this.handOver(Date.now());
    else this.batchTimer ??= setTimeout(() => void this.handOver(Date.now()), BATCH_WINDOW_MS);
  }

  /**
   * Look for settlements that the queue has had for a while in the ledger, and write those that are not there. Never
   * rejects. @param nowMs Unix time in milliseconds
   */
  async confirm(nowMs: number): Promise<void> {
    this.reportDropped();
    const due = this.held.dueForConfirmation(nowMs);
    if (due.length === 0) return;
    try {
      const settled = await within(DIRECT_PATIENCE_MS, this.settlements.settled(due.map((record) => record.id)));
      this.held.forget(settled);
      this.writeDirectly(due.filter((record) => !settled.has(record.id)));
    } catch (error) {
      this.log.warn(`${due.length} settlements not confirmed: ${reason(error)}`);
    }
  }

  /** Write everything that is held to Postgres, the queue's share too, for as long as a stopping process may take. */
  async close(): Promise<void> {
    this.closing = true;
    clearTimeout(this.batchTimer);
    clearInterval(this.confirmTimer);
    this.writeDirectly(this.held.takeAll());
    await within(CLOSE_PATIENCE_MS, this.writing ?? Promise.resolve()).catch(() => undefined);
    this.closed = true;
    this.reportDropped();
    if (this.held.size > 0) this.log.error(`Stopped with ${this.held.size} settlements unwritten.`);
  }

  private async handOver(nowMs: number): Promise<void> {
    clearTimeout(this.batchTimer);
    this.batchTimer = undefined;
    const records = this.held.takeBatch();
    this.held.handedOver(records, nowMs);
    const taken = await this.producer.add(QUEUES.settlement, SETTLE_JOB, { records }, SETTLE_OPTIONS);
    if (!taken) this.writeDirectly(this.held.stillUnconfirmed(records));
  }

  private writeDirectly(records: readonly SettlementRecord[]): void {
    this.held.toWrite(records);
    if (records.length > 0) this.writing ??= this.writeAll();
  }

  /** Until nothing waits. Once the process has closed, a failure is the end of it. */
  private async writeAll(): Promise<void> {
    let pauseMs = DIRECT_RETRY_FIRST_MS;
    for (let chunk = this.held.nextToWrite(); chunk.length > 0; chunk = this.held.nextToWrite()) {
      try {
        await this.write(chunk);
        pauseMs = DIRECT_RETRY_FIRST_MS;
      } catch (error) {
        this.log.warn(`${this.held.size} settlements wait for Postgres: ${reason(error)}`);
        if (this.closed) break;
        await pause(pauseMs);
        pauseMs = Math.min(2 * pauseMs, DIRECT_RETRY_LAST_MS);
      }
    }
    this.writing = undefined;
  }

  private async write(records: readonly SettlementRecord[]): Promise<void> {
    const refused = await within(DIRECT_PATIENCE_MS, this.settlements.write(records, 'direct'));
    this.held.forget(idsOf(records));
    if (refused.length > 0) this.log.error(`Postgres refused ${refused.length} settlements for what is in them.`);
  }

  private reportDropped(): void {
    const dropped = this.held.takeDropped();
    if (dropped > 0)
      this.log.error(
        `${dropped} settlements dropped: too many are waiting. Those calls stay open until this process ends.`,
      );
  }
}

const idsOf = (records: readonly SettlementRecord[]): ReadonlySet<CallId> =>
  new Set(records.map((record) => record.id));

const reason = (error: unknown): string => safeError(error).code ?? safeError(error).type;
