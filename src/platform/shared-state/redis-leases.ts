import type { RedisClient } from '../redis/index.js';
import { defineLeaseScripts } from './lease-scripts.js';
import type { HeldLease, Place } from './shared-state.js';

/** How many leases one script renews, so that it holds up nobody else for more than a fraction of a millisecond. */
const RENEWED_AT_ONCE = 100;

/**
 * The leases in Redis. One call may take places of any keys, so that no part of a key could tell a Cluster which belong
 * together: the braces bring all leases to one node. It serves some ten thousand calls a second.
 */
export class RedisLeases {
  constructor(
    private readonly client: RedisClient,
    private readonly namespace: string,
  ) {
    defineLeaseScripts(client);
  }

  /** @returns the key that has no place, `undefined` when all were taken */
  async acquire(places: readonly Place[], token: string, ttlMs: number, wantMs: number): Promise<string | undefined> {
    const keys = places.flatMap(({ key, part = key }) => [this.leases(key), this.leases(part), this.wants(key)]);
    const limits = places.map(({ limit = -1 }) => limit);
    const full = await this.client.sharedAcquireAll(keys.length, ...keys, token, ttlMs, wantMs, ...limits);
    return places[full - 1]?.key;
  }

  async renew(leases: readonly HeldLease[], ttlMs: number): Promise<void> {
    const pairs = leases.flatMap(({ keys, token }) => keys.map((key) => [key, token] as const));
    const chunks = Array.from({ length: Math.ceil(pairs.length / RENEWED_AT_ONCE) }, (_, at) =>
      pairs.slice(at * RENEWED_AT_ONCE, (at + 1) * RENEWED_AT_ONCE),
    );
    await Promise.all(chunks.map((chunk) => this.renewChunk(chunk, ttlMs)));
  }

  async release(keys: readonly string[], token: string): Promise<void> {
    const both = keys.flatMap((key) => [this.leases(key), this.wants(key)]);
    await this.client.sharedReleaseAll(both.length, ...both, token);
  }

  async held(keys: readonly string[]): Promise<number[]> {
    if (keys.length === 0) return [];
    return this.client.sharedHeld(keys.length, ...keys.map((key) => this.leases(key)));
  }

  private async renewChunk(pairs: readonly (readonly [key: string, token: string])[], ttlMs: number): Promise<void> {
    const numbers = new Map<string, number>();
    for (const [key] of pairs) if (!numbers.has(key)) numbers.set(key, numbers.size + 1);
    const keys = [...numbers.keys()].map((key) => this.leases(key));
    const words = pairs.flatMap(([key, token]) => [numbers.get(key) ?? 0, token]);
    await this.client.sharedRenewAll(keys.length, ...keys, ttlMs, ...words);
  }

  private leases(key: string): string {
    return `${this.namespace}:lease:{leases}:${key}`;
  }

  private wants(key: string): string {
    return `${this.namespace}:want:{leases}:${key}`;
  }
}
