interface Held<V> {
  readonly value: V;
  readonly storedAtMs: number;
  readonly ttlMs: number;
}

/** A bounded map whose entries lapse. When it is full the one unused for longest makes room. */
export class ExpiringCache<V> {
  private readonly held = new Map<string, Held<V>>();

  constructor(private readonly capacity: number) {}

  /** An entry from the future counts as lapsed: the clock was set back, and nobody knows how old it is. */
  get(key: string, nowMs: number): V | undefined {
    const entry = this.held.get(key);
    if (!entry) return undefined;
    this.held.delete(key);
    const ageMs = nowMs - entry.storedAtMs;
    if (ageMs < 0 || ageMs >= entry.ttlMs) return undefined;
    this.held.set(key, entry);
    return entry.value;
  }

  put(key: string, value: V, ttlMs: number, nowMs: number): void {
    this.held.delete(key);
    this.held.set(key, { value, storedAtMs: nowMs, ttlMs });
    const [oldest] = this.held.keys();
    if (this.held.size > this.capacity && oldest !== undefined) this.held.delete(oldest);
  }

  drop(key: string): void {
    this.held.delete(key);
  }

  dropWhere(matches: (value: V) => boolean): void {
    for (const [key, { value }] of this.held) if (matches(value)) this.held.delete(key);
  }
}
