/** How many entries each write looks at: two would keep up with any rate of writes, more forget sooner. */
const SWEEP = 4;

interface Entry<V> {
  readonly value: V;
  readonly endsAtMs: number;
}

/**
 * A map whose entries end. Ended ones are never given out and are forgotten without a timer: every write walks a few
 * entries on, so that the map never holds more than about a third beyond what was alive during its last full walk.
 *
 * Times are of one clock that never goes back; the caller passes them in.
 */
export class ExpiringMap<V> {
  private readonly entries = new Map<string, Entry<V>>();
  private walk = this.entries.entries();

  /** Entries in memory, the ended ones that no walk has met yet included. */
  get size(): number {
    return this.entries.size;
  }

  get(key: string, nowMs: number): V | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined || entry.endsAtMs > nowMs) return entry?.value;
    this.entries.delete(key);
    return undefined;
  }

  set(key: string, value: V, endsAtMs: number, nowMs: number): void {
    this.entries.set(key, { value, endsAtMs });
    this.sweep(nowMs);
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  private sweep(nowMs: number): void {
    for (let seen = 0; seen < SWEEP; seen += 1) {
      const next = this.walk.next();
      if (next.done) {
        this.walk = this.entries.entries();
        return;
      }
      const [key, { endsAtMs }] = next.value;
      if (endsAtMs <= nowMs) this.entries.delete(key);
    }
  }
}
