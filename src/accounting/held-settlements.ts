import type { CallId } from '../core/index.js';
import type { SettlementRecord } from './records.js';
import { CONFIRM_AFTER_MS } from './timing.js';

interface Bounds {
  /** Records, about 1 kB each. */
  readonly records: number;
  /** Call ids with the queue, and as many that are to be settled here. */
  readonly ids: number;
  /** Records of one write into the outbox, and so the ids of one job. */
  readonly batch: number;
  /** Calls of one transaction. */
  readonly write: number;
}

const BOUNDS: Bounds = { records: 20_000, ids: 50_000, batch: 200, write: 500 };

/**
 * The settlements that this process still answers for. A record is held until it is in the outbox; from then on its call
 * is known by its id alone, which is with the queue or waits for a write of ours.
 */
export class HeldSettlements {
  /** In the order in which they came. */
  private readonly records = new Map<CallId, SettlementRecord>();
  /** In the order in which they were handed over: since when the queue has them, Unix time in milliseconds. */
  private readonly handed = new Map<CallId, number>();
  private readonly unsettled = new Set<CallId>();
  private dropped = 0;

  constructor(private readonly bounds: Bounds = BOUNDS) {}

  /** Records that are in no other place than this. */
  get size(): number {
    return this.records.size;
  }

  get batchFull(): boolean {
    return this.records.size >= this.bounds.batch;
  }

  /** @returns false when there is no room; the record is dropped and counted */
  put(record: SettlementRecord): boolean {
    if (this.records.size >= this.bounds.records) {
      this.dropped++;
      return false;
    }
    this.records.set(record.id, record);
    return true;
  }

  /** Oldest first, [] when none is held. They stay until they are kept. */
  nextToKeep(): SettlementRecord[] {
    return first(this.records.values(), this.bounds.batch);
  }

  /** They are in the outbox, or can never be. */
  kept(records: readonly SettlementRecord[]): void {
    for (const record of records) if (this.records.get(record.id) === record) this.records.delete(record.id);
  }

  handedOver(callIds: readonly CallId[], nowMs: number): void {
    for (const id of callIds) this.handed.set(id, nowMs);
    this.forgetOldest(this.handed);
  }

  toSettle(callIds: readonly CallId[]): void {
    for (const id of callIds) {
      this.handed.delete(id);
      this.unsettled.add(id);
    }
    this.forgetOldest(this.unsettled);
  }

  /** Oldest first, [] when none waits. They stay until they are settled. */
  nextToSettle(): CallId[] {
    return first(this.unsettled, this.bounds.write);
  }

  settled(callIds: readonly CallId[]): void {
    for (const id of callIds) this.unsettled.delete(id);
  }

  /** What the queue has had for longer than it should need. */
  overdue(nowMs: number): CallId[] {
    const due: CallId[] = [];
    for (const [id, sinceMs] of this.handed) if (nowMs - sinceMs >= CONFIRM_AFTER_MS) due.push(id);
    return due;
  }

  /** All that the queue has. */
  withTheQueue(): CallId[] {
    return [...this.handed.keys()];
  }

  /** How many were dropped since the last time it was asked. */
  takeDropped(): number {
    const { dropped } = this;
    this.dropped = 0;
    return dropped;
  }

  /** Nothing is lost with an id: the outbox has the record, and the workers look there too. */
  private forgetOldest(ids: Map<CallId, unknown> | Set<CallId>): void {
    for (const id of ids.keys()) {
      if (ids.size <= this.bounds.ids) return;
      ids.delete(id);
    }
  }
}

function first<T>(items: Iterable<T>, limit: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length >= limit) break;
    taken.push(item);
  }
  return taken;
}
