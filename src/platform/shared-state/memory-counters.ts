import { randomUUID } from 'node:crypto';
import { CounterTable } from './counter-table.js';
import type { ColdCounter, Counter, CounterContents, Counters, HeldIn, Hold, HoldAnswer, Settled } from './counters.js';

/** Counters of a single process. */
export class MemoryCounters implements Counters {
  private readonly table = new CounterTable();

  /** @param nowMs a clock that never goes back; its zero does not matter */
  constructor(private readonly nowMs: () => number) {}

  /** Entries in memory. */
  get size(): number {
    return this.table.size;
  }

  async hold(hold: Hold, counters: readonly Counter[], ttlMs: number): Promise<HoldAnswer> {
    return this.table.hold(hold, counters, ttlMs, randomUUID(), this.nowMs());
  }

  async fill(cold: ColdCounter, contents: CounterContents): Promise<boolean> {
    return this.table.fill(cold, contents, this.nowMs());
  }

  async renewHolds(held: readonly HeldIn[], ttlMs: number): Promise<void> {
    this.table.renew(held, ttlMs, this.nowMs());
  }

  async settleHolds(settled: readonly Settled[]): Promise<void> {
    this.table.settle(settled, this.nowMs());
  }

  async contents(keys: readonly string[]): Promise<(CounterContents | undefined)[]> {
    const nowMs = this.nowMs();
    return keys.map((key) => this.table.contents(key, nowMs));
  }

  async chill(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.table.chill(key);
  }
}
