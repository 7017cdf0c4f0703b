/** About 300 bytes each. */
const MOST_HINTS = 20_000;

interface Hint {
  readonly value: string;
  readonly endsAtMs: number;
}

/** What this process wrote down itself, for when shared state cannot be asked. The least recently used go first. */
export class RecentHints {
  private readonly hints = new Map<string, Hint>();

  constructor(private readonly most = MOST_HINTS) {}

  get(key: string, nowMs: number): string | undefined {
    const hint = this.hints.get(key);
    if (hint === undefined) return undefined;
    this.hints.delete(key);
    if (hint.endsAtMs <= nowMs) return undefined;
    this.hints.set(key, hint);
    return hint.value;
  }

  set(key: string, value: string, endsAtMs: number): void {
    this.hints.delete(key);
    this.hints.set(key, { value, endsAtMs });
    const [oldest] = this.hints.size > this.most ? this.hints.keys() : [];
    if (oldest !== undefined) this.hints.delete(oldest);
  }
}
