import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  MemorySharedState,
  SharedState,
  SharedStateUnavailable,
  type HeldLease,
  type Place,
} from '../../platform/shared-state/index.js';

/** How long a lease outlives a process that is gone without a word. */
const LEASE_MS = 45_000;
const RENEW_MS = 15_000;
/** How often a store that is away is asked whether it is back. */
const PROBE_MS = 1_000;
const PROBED = ['probe'];

/** A place that is held until it is given back. */
export interface Lease {
  /** Never fails; calling it again does nothing. */
  release(): void;
}

interface Held extends HeldLease {
  /** Whether the shared store may know of it. */
  shared: boolean;
}

/**
 * The leases of this process: renews them while it lives. While the shared store is away the same limits hold among the
 * calls of this process; what was taken then is counted everywhere once it is back, and so is what it has lost.
 */
@Injectable()
export class LeaseHolder implements OnApplicationShutdown {
  protected readonly leaseMs: number = LEASE_MS;
  protected readonly renewMs: number = RENEW_MS;
  private readonly leases = new Map<string, Held>();
  private readonly counted = new Map<string, number>();
  /** Key → when a lease of it was last given back, as a number that grows. */
  private readonly turns = new Map<string, number>();
  private turn = 0;
  /** What the shared store may still count although it was given back: until it knows. */
  private readonly owed = new Map<string, HeldLease>();
  private readonly listeners: (() => void)[] = [];
  /** In place of the shared store while that is away. */
  private fallback: SharedState | undefined;
  private renewal: NodeJS.Timeout | undefined;
  private probe: NodeJS.Timeout | undefined;

  constructor(private readonly shared: SharedState) {}

  /** Whether other processes hold leases of the same places. */
  get alone(): boolean {
    return this.shared.reach === 'process';
  }

  /**
   * @param token unique to the lease; the same for all tries to get it
   * @param wantMs how long a caller counts as waiting once it is refused; 0: it does not wait
   * @returns `undefined` when there is no place
   */
  async take(places: readonly Place[], token: string, wantMs = 0): Promise<Lease | undefined> {
    const store = this.store;
    const shared = store === this.shared || this.owed.has(token);
    const lease: Held = { keys: keysOf(places), token, shared };
    try {
      const { ok } = await store.acquireAll(places, token, this.leaseMs, wantMs);
      return ok ? this.holding(lease, store) : undefined;
    } catch (thrown) {
      this.lost(thrown);
      this.owed.set(token, lease);
      return this.take(places, token, wantMs);
    }
  }

  /** Wait no longer for a place that was refused. */
  forget(places: readonly Place[], token: string): void {
    // What the store does not hear ends by itself soon.
    this.store.releaseAll(keysOf(places), token).catch(() => undefined);
    this.tell();
  }

  /** How many leases of a key this process holds. */
  own(key: string): number {
    return this.counted.get(key) ?? 0;
  }

  /** How much of the fullest of these places this process holds for the part that wants them: leases ÷ limit. */
  share(places: readonly Place[]): number {
    const shares = places.map(({ limit, part }) =>
      limit === undefined || part === undefined ? 0 : this.own(part) / Math.max(limit, 1),
    );
    return Math.max(0, ...shares);
  }

  /** Grows with the last time that the part which wants these places gave one back: who had one last goes last. */
  lastTurn(places: readonly Place[]): number {
    return Math.max(0, ...places.map(({ part }) => (part === undefined ? 0 : (this.turns.get(part) ?? 0))));
  }

  /** How many leases of each key all processes hold; while the store is away, this one. */
  async counts(keys: readonly string[]): Promise<number[]> {
    const own = keys.map((key) => this.own(key));
    try {
      const counts = await this.store.held(keys);
      const missing = counts.some((count, at) => count < (own[at] ?? 0));
      if (missing) void this.renew();
      return counts.map((count, at) => Math.max(count, own[at] ?? 0));
    } catch (thrown) {
      this.lost(thrown);
      return own;
    }
  }

  /** @param listener hears that there may be a place where there was none */
  onFreed(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Lets go of what is left, so that nobody has to wait for its end. */
  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.renewal);
    clearTimeout(this.probe);
    const left = [...this.leases.values()];
    this.leases.clear();
    this.counted.clear();
    await Promise.allSettled(left.map(({ keys, token }) => this.store.releaseAll(keys, token)));
  }

  private get store(): SharedState {
    return this.fallback ?? this.shared;
  }

  private holding(lease: Held, takenIn: SharedState): Lease {
    this.leases.set(lease.token, lease);
    this.owed.delete(lease.token);
    for (const key of lease.keys) this.counted.set(key, this.own(key) + 1);
    if (takenIn !== this.store) void this.renew();
    this.renewLater();
    return { release: () => this.release(lease) };
  }

  private release(lease: Held): void {
    if (!this.leases.delete(lease.token)) return;
    this.turn += 1;
    if (this.leases.size === 0) this.turns.clear();
    for (const key of lease.keys) {
      this.turns.set(key, this.turn);
      const left = this.own(key) - 1;
      if (left > 0) this.counted.set(key, left);
      else this.counted.delete(key);
    }
    if (this.fallback !== undefined && lease.shared) this.owed.set(lease.token, lease);
    this.giveBack(lease);
    this.tell();
  }

  private giveBack(lease: HeldLease): void {
    this.store.releaseAll(lease.keys, lease.token).catch((thrown: unknown) => {
      this.owed.set(lease.token, lease);
      this.lost(thrown);
    });
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  private renewLater(): void {
    this.renewal ??= setTimeout(() => {
      this.renewal = undefined;
      if (this.leases.size === 0) return;
      this.renewLater();
      void this.renew();
    }, jittered(this.renewMs)).unref();
  }

  private async renew(): Promise<void> {
    const leases = [...this.leases.values()];
    const store = this.store;
    try {
      await store.renewAll(leases, this.leaseMs);
      if (store === this.shared) for (const lease of leases) lease.shared = true;
    } catch (thrown) {
      this.lost(thrown);
    }
  }

  /** @throws what was thrown, unless it says that the store is away */
  private lost(thrown: unknown): void {
    if (!(thrown instanceof SharedStateUnavailable)) throw thrown;
    if (this.fallback !== undefined) return;
    this.fallback = new MemorySharedState(() => performance.now());
    void this.renew();
    this.probeLater();
  }

  private probeLater(): void {
    this.probe = setTimeout(() => void this.tryAgain(), jittered(PROBE_MS)).unref();
  }

  private async tryAgain(): Promise<void> {
    try {
      await this.shared.held(PROBED);
    } catch {
      return this.probeLater();
    }
    this.fallback = undefined;
    void this.renew();
    const owed = [...this.owed.values()];
    this.owed.clear();
    for (const lease of owed) this.giveBack(lease);
    this.tell();
  }
}

const keysOf = (places: readonly Place[]): string[] => [
  ...new Set(places.flatMap(({ key, part }) => (part === undefined ? [key] : [key, part]))),
];

/** Up to a tenth earlier, so that the processes that started together do not all ask together. */
const jittered = (ms: number): number => ms * (0.9 + Math.random() / 10);
