export interface RecentBounds {
  /** How long a value counts as fresh, in milliseconds. */
  readonly freshMs: number;
  /** How old a value may be to stand in for one that cannot be loaded. */
  readonly staleMs: number;
}

interface Entry<Value> {
  readonly loading?: Promise<Value>;
  readonly loaded?: { readonly value: Value; readonly atMs: number };
}

/** How often a value is loaded anew for one caller because it was out of date when it came. */
const LOADS = 3;

/** Values that are loaded once for everybody who asks at the same time, and kept for a short while. */
export class Recent<Key, Value> {
  private readonly entries = new Map<Key, Entry<Value>>();
  private generation = 0;

  constructor(
    private readonly load: (key: Key) => Promise<Value>,
    private readonly bounds: RecentBounds,
  ) {}

  /**
   * @param nowMs Unix time in milliseconds
   * @throws what `load` throws, when there is no value that is young enough to stand in
   */
  get(key: Key, nowMs: number): Promise<Value> {
    return this.current(key, nowMs, LOADS);
  }

  /** Nothing is fresh any more: not what is there, and not what is on its way. */
  expire(): void {
    this.generation += 1;
    for (const [key, { loaded }] of this.entries) {
      if (loaded) this.entries.set(key, { loaded: { ...loaded, atMs: loaded.atMs - this.bounds.freshMs } });
      else this.entries.delete(key);
    }
  }

  private current(key: Key, nowMs: number, tries: number): Promise<Value> {
    const { loading, loaded } = this.entries.get(key) ?? {};
    if (loading) return loading;
    if (loaded && nowMs - loaded.atMs < this.bounds.freshMs) return Promise.resolve(loaded.value);
    const started = this.reload(key, nowMs, tries);
    this.entries.set(key, { ...(loaded ? { loaded } : {}), loading: started });
    return started;
  }

  private async reload(key: Key, nowMs: number, tries: number): Promise<Value> {
    const { generation } = this;
    try {
      const value = await this.load(key);
      // Overtaken: what changed meanwhile may be what the caller must not miss.
      if (generation !== this.generation && tries > 1) return await this.current(key, nowMs, tries - 1);
      if (generation === this.generation) this.entries.set(key, { loaded: { value, atMs: nowMs } });
      return value;
    } catch (error) {
      const loaded = this.entries.get(key)?.loaded;
      if (generation === this.generation) {
        if (loaded) this.entries.set(key, { loaded });
        else this.entries.delete(key);
      }
      if (loaded && nowMs - loaded.atMs < this.bounds.staleMs) return loaded.value;
      throw error;
    }
  }
}
