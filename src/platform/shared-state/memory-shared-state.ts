import { checkBucket, checkPlaces, checkedTtlMs } from './bounds.js';
import { ExpiringMap } from './expiring-map.js';
import { LeaseTable } from './lease-table.js';
import { Listeners } from './listeners.js';
import { MemoryCounters } from './memory-counters.js';
import {
  SharedState,
  type Acquired,
  type HeldLease,
  type Listener,
  type Place,
  type TakeResult,
} from './shared-state.js';

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** Shared state of a single process. */
export class MemorySharedState extends SharedState {
  readonly reach = 'process';
  readonly counters: MemoryCounters;
  private readonly buckets = new ExpiringMap<Bucket>();
  private readonly leases = new LeaseTable();
  private readonly values = new ExpiringMap<string>();
  private readonly claims = new ExpiringMap<true>();
  private readonly listeners = new Listeners();

  /** @param nowMs a clock that never goes back; its zero does not matter */
  constructor(private readonly nowMs: () => number) {
    super();
    this.counters = new MemoryCounters(nowMs);
  }

  /** Entries in memory. */
  get size(): number {
    return this.buckets.size + this.leases.size + this.values.size + this.claims.size + this.counters.size;
  }

  async take(key: string, capacity: number, refillPerMs: number, cost = 1): Promise<TakeResult> {
    checkBucket(capacity, refillPerMs, cost);
    const nowMs = this.nowMs();
    const bucket = this.buckets.get(key, nowMs) ?? { tokens: capacity, atMs: nowMs };
    const available = Math.min(capacity, bucket.tokens + (nowMs - bucket.atMs) * refillPerMs);
    const ok = available >= cost;
    const tokens = ok ? available - cost : available;
    this.buckets.set(key, { tokens, atMs: nowMs }, nowMs + (capacity - tokens) / refillPerMs, nowMs);
    return { ok, retryAfterMs: ok ? 0 : Math.ceil((cost - available) / refillPerMs) };
  }

  async acquireAll(places: readonly Place[], token: string, ttlMs: number, wantMs = 0): Promise<Acquired> {
    checkPlaces(places, wantMs);
    const full = this.leases.acquire(places, token, checkedTtlMs(ttlMs), wantMs, this.nowMs());
    return full === undefined ? { ok: true } : { ok: false, full };
  }

  async renewAll(leases: readonly HeldLease[], ttlMs: number): Promise<void> {
    this.leases.renew(leases, checkedTtlMs(ttlMs), this.nowMs());
  }

  async releaseAll(keys: readonly string[], token: string): Promise<void> {
    this.leases.release(keys, token, this.nowMs());
  }

  async held(keys: readonly string[]): Promise<number[]> {
    const nowMs = this.nowMs();
    return keys.map((key) => this.leases.held(key, nowMs));
  }

  async sticky(key: string, proposed: string, ttlMs: number): Promise<string> {
    const nowMs = this.nowMs();
    const endsAtMs = nowMs + checkedTtlMs(ttlMs);
    const winner = this.values.get(key, nowMs);
    if (winner === undefined) this.values.set(key, proposed, endsAtMs, nowMs);
    return winner ?? proposed;
  }

  async put(key: string, value: string, ttlMs: number): Promise<void> {
    const nowMs = this.nowMs();
    this.values.set(key, value, nowMs + checkedTtlMs(ttlMs), nowMs);
  }

  async get(key: string): Promise<string | undefined> {
    return this.values.get(key, this.nowMs());
  }

  async drop(key: string): Promise<void> {
    this.values.delete(key);
  }

  async claim(key: string, ttlMs: number): Promise<boolean> {
    const nowMs = this.nowMs();
    const endsAtMs = nowMs + checkedTtlMs(ttlMs);
    if (this.claims.get(key, nowMs) !== undefined) return false;
    this.claims.set(key, true, endsAtMs, nowMs);
    return true;
  }

  async publish(channel: string, message: string): Promise<void> {
    setImmediate(() => this.listeners.deliver(channel, message));
  }

  async subscribe(channel: string, listener: Listener, missed?: () => void): Promise<() => Promise<void>> {
    const own: Listener = (message) => listener(message);
    this.listeners.add(channel, own, missed);
    return async () => void this.listeners.remove(channel, own);
  }
}
