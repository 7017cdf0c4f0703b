import type { CallId } from '../core/index.js';
import type { SettlementRecord } from './records.js';
import { CONFIRM_AFTER_MS } from './timing.js';

interface Handed {
  readonly record: SettlementRecord;
  readonly atMs: number;
}

interface Bounds {
  /** All settlements together; each is about 1 kB. */
  readonly held: number;
  /** One job of the queue. */
  readonly batch: number;
  /** One transaction, or one look into the ledger. */
  readonly write: number;
}

const BOUNDS: Bounds = { held: 20_000, batch: 200, write: 500 };

/**
 * The settlements that this process still answers for. Each is in one of three places: in the batch that is being
 * collected, with the queue and not yet seen in the ledger, or waiting for a write of ours.
 */
export class HeldSettlements {
  private batch: SettlementRecord[] = [];
  /** In the order in which they were handed over. */
  private readonly unconfirmed = new Map<CallId, Handed>();
  private readonly unwritten = new Map<CallId, SettlementRecord>();
  private dropped = 0;

  constructor(private readonly bounds: Bounds = BOUNDS) {}

  get size(): number {
    return this.batch.length + this.unconfirmed.size + this.unwritten.size;
  }

  get batchFull(): boolean {
    return this.batch.length >= this.bounds.batch;
  }

  /**
   * @returns false when there is no room. What the queue has is forgotten first: it is on its way, and only would not be
   * looked for. What waits for Postgres is kept, and the new one dropped.
   */
  put(record: SettlementRecord): boolean {
    if (this.size >= this.bounds.held && !this.forgetOldestUnconfirmed()) {
      this.dropped++;
      return false;
    }
    this.batch.push(record);
    return true;
  }

  takeBatch(): SettlementRecord[] {
    const batch = this.batch;
    this.batch = [];
    return batch;
  }

  handedOver(records: readonly SettlementRecord[], nowMs: number): void {
    for (const record of records) this.unconfirmed.set(record.id, { record, atMs: nowMs });
  }

  toWrite(records: readonly SettlementRecord[]): void {
    for (const record of records) {
      this.unconfirmed.delete(record.id);
      this.unwritten.set(record.id, record);
    }
  }

  /** Oldest first, [] when nothing waits. They stay until they are forgotten. */
  nextToWrite(): SettlementRecord[] {
    return first(this.unwritten.values(), this.bounds.write);
  }

  /** What the queue has had for longer than it should need. */
  dueForConfirmation(nowMs: number): SettlementRecord[] {
    return first(this.unconfirmed.values(), this.bounds.held)
      .filter(({ atMs }) => nowMs - atMs >= CONFIRM_AFTER_MS)
      .map(({ record }) => record);
  }

  /** Those that nobody has seen in the ledger or taken for a write meanwhile. */
  stillUnconfirmed(records: readonly SettlementRecord[]): SettlementRecord[] {
    return records.filter((record) => this.unconfirmed.has(record.id));
  }

  /** Everything, to be written by whoever asks. */
  takeAll(): SettlementRecord[] {
    const handed = [...this.unconfirmed.values()].map(({ record }) => record);
    return [...handed, ...this.unwritten.values(), ...this.takeBatch()];
  }

  forget(callIds: ReadonlySet<CallId>): void {
    for (const id of callIds) {
      this.unconfirmed.delete(id);
      this.unwritten.delete(id);
    }
  }

  /** How many were dropped since the last time it was asked. */
  takeDropped(): number {
    const { dropped } = this;
    this.dropped = 0;
    return dropped;
  }

  private forgetOldestUnconfirmed(): boolean {
    const [oldest] = this.unconfirmed.keys();
    return oldest !== undefined && this.unconfirmed.delete(oldest);
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
