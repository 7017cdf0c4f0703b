import { ExpiringMap } from './expiring-map.js';
import type { HeldLease, Place } from './shared-state.js';

/** The leases of one key: token → its end. */
class LeaseSet {
  private readonly ends = new Map<string, number>();
  /** None ends before this. */
  private firstEndMs = Infinity;
  lastEndMs = 0;

  count(nowMs: number): number {
    if (this.firstEndMs <= nowMs) {
      for (const [token, endsAtMs] of this.ends) if (endsAtMs <= nowMs) this.ends.delete(token);
      this.firstEndMs = Math.min(...this.ends.values());
    }
    return this.ends.size;
  }

  has(token: string): boolean {
    return this.ends.has(token);
  }

  hold(token: string, endsAtMs: number): void {
    this.ends.set(token, endsAtMs);
    this.firstEndMs = Math.min(this.firstEndMs, endsAtMs);
    this.lastEndMs = Math.max(this.lastEndMs, endsAtMs);
  }

  /** @returns whether nothing is left */
  drop(token: string): boolean {
    this.ends.delete(token);
    return this.ends.size === 0;
  }
}

/** Somebody who waits for a place. */
interface Want {
  readonly part: string;
  readonly share: number;
  readonly endsAtMs: number;
}

/** How long a part that has just had a place goes after others that hold as much. */
const TURN_MS = 10_000;

/** Who holds what, and who waits for it. Times are of one clock that never goes back; the caller passes them in. */
export class LeaseTable {
  private readonly sets = new ExpiringMap<LeaseSet>();
  private readonly wants = new ExpiringMap<Map<string, Want>>();
  /** Key and part → when the part last gave a place back, as a number that grows. */
  private readonly turns = new ExpiringMap<number>();
  private turn = 0;

  get size(): number {
    return this.sets.size + this.wants.size + this.turns.size;
  }

  /** @returns the key that has no place, `undefined` when all were taken */
  acquire(places: readonly Place[], token: string, ttlMs: number, wantMs: number, nowMs: number): string | undefined {
    const refusing = this.refusing(places, token, wantMs > 0, nowMs);
    if (refusing === undefined) {
      for (const key of places.flatMap(keysOf)) this.hold(key, token, nowMs + ttlMs, nowMs);
      return undefined;
    }
    const { key, part } = refusing;
    if (wantMs > 0 && part !== undefined) {
      const waiting = this.wants.get(key, nowMs) ?? new Map<string, Want>();
      waiting.set(token, { part, share: this.share(places, nowMs), endsAtMs: nowMs + wantMs });
      this.wants.set(key, waiting, Math.max(...[...waiting.values()].map(({ endsAtMs }) => endsAtMs)), nowMs);
    }
    return key;
  }

  renew(leases: readonly HeldLease[], ttlMs: number, nowMs: number): void {
    for (const { keys, token } of leases) for (const key of keys) this.hold(key, token, nowMs + ttlMs, nowMs);
  }

  release(keys: readonly string[], token: string, nowMs: number): void {
    for (const key of keys) {
      if (this.sets.get(key, nowMs)?.drop(token) === true) this.sets.delete(key);
      const waiting = this.wants.get(key, nowMs);
      waiting?.delete(token);
      if (waiting === undefined || waiting.size === 0) continue;
      this.turn += 1;
      for (const part of keys) this.turns.set(turnOf(key, part), this.turn, nowMs + TURN_MS, nowMs);
    }
  }

  held(key: string, nowMs: number): number {
    return this.sets.get(key, nowMs)?.count(nowMs) ?? 0;
  }

  private refusing(places: readonly Place[], token: string, waits: boolean, nowMs: number): Place | undefined {
    const share = this.share(places, nowMs);
    const before = places.map((place) => this.isBefore(place, token, share, waits, nowMs));
    const full = places.find(
      ({ key, limit = Infinity }) => this.held(key, nowMs) >= limit && this.sets.get(key, nowMs)?.has(token) !== true,
    );
    return full ?? places.find((_, at) => before[at]);
  }

  /** Whether others wait for a place who come first. A caller who asks again is no longer noted as waiting. */
  private isBefore({ key, part }: Place, token: string, share: number, waits: boolean, nowMs: number): boolean {
    const waiting = this.wants.get(key, nowMs);
    if (waiting === undefined || part === undefined) return false;
    waiting.delete(token);
    for (const [other, { endsAtMs }] of waiting) if (endsAtMs <= nowMs) waiting.delete(other);
    const turn = (whose: string): number => this.turns.get(turnOf(key, whose), nowMs) ?? 0;
    return [...waiting.values()].some(
      (other) =>
        other.part !== part &&
        (other.share < share || (other.share === share && (!waits || turn(other.part) < turn(part)))),
    );
  }

  private share(places: readonly Place[], nowMs: number): number {
    const shares = places.map(({ limit, part }) =>
      limit === undefined || part === undefined ? 0 : this.held(part, nowMs) / Math.max(limit, 1),
    );
    return Math.max(0, ...shares);
  }

  private hold(key: string, token: string, endsAtMs: number, nowMs: number): void {
    const set = this.sets.get(key, nowMs) ?? new LeaseSet();
    set.hold(token, endsAtMs);
    this.sets.set(key, set, set.lastEndMs, nowMs);
  }
}

const turnOf = (key: string, part: string): string => `${key}\n${part}`;

const keysOf = ({ key, part }: Place): string[] => (part === undefined ? [key] : [key, part]);
