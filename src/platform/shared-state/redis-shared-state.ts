import type { OnApplicationShutdown } from '@nestjs/common';
import { closeRedis, failFastRedis, readyWithin, type RedisClient } from '../redis/index.js';
import { checkBucket, checkPlaces, checkedTtlMs } from './bounds.js';
import { RedisCounters } from './redis-counters.js';
import { RedisLeases } from './redis-leases.js';
import { RedisSubscriptions } from './redis-subscriptions.js';
import { defineScripts } from './scripts.js';
import {
  SharedState,
  type Acquired,
  type HeldLease,
  type Listener,
  type Place,
  type TakeResult,
} from './shared-state.js';
import { SharedStateUnavailable } from './shared-state-unavailable.js';

/** How long a start waits for Redis before it goes on without. */
const FIRST_CONNECTION_MS = 2_000;

const NAMESPACE = 'codex-pooler';
/** The braces make all keys of one script live on one node of a Cluster. */
const keyOf = (kind: 'bucket' | 'value' | 'claim', key: string) => `${NAMESPACE}:${kind}:{${key}}`;
const channelOf = (channel: string) => `${NAMESPACE}:channel:${channel}`;

/** Shared state of all processes that name the same Redis, a Cluster or not. Redis 5 or later. */
export class RedisSharedState extends SharedState implements OnApplicationShutdown {
  readonly reach = 'cluster';
  readonly counters: RedisCounters;
  private readonly client: RedisClient;
  private readonly leases: RedisLeases;
  private readonly subscriptions: RedisSubscriptions;

  constructor(url: string) {
    super();
    this.client = failFastRedis(url, 'shared state');
    this.subscriptions = new RedisSubscriptions(url);
    defineScripts(this.client);
    this.leases = new RedisLeases(this.client, NAMESPACE);
    this.counters = new RedisCounters(this.client, NAMESPACE, answer);
  }

  /** Waits a while for the first connection, so that the first callers are not refused without need. */
  static async connect(url: string): Promise<RedisSharedState> {
    const state = new RedisSharedState(url);
    await readyWithin(state.client, FIRST_CONNECTION_MS);
    return state;
  }

  async take(key: string, capacity: number, refillPerMs: number, cost = 1): Promise<TakeResult> {
    checkBucket(capacity, refillPerMs, cost);
    const [ok, retryAfterMs] = await answer(this.client.sharedTake(keyOf('bucket', key), capacity, refillPerMs, cost));
    return { ok: ok === 1, retryAfterMs };
  }

  async acquireAll(places: readonly Place[], token: string, ttlMs: number, wantMs = 0): Promise<Acquired> {
    checkPlaces(places, wantMs);
    const full = await answer(this.leases.acquire(places, token, checkedTtlMs(ttlMs), wantMs));
    return full === undefined ? { ok: true } : { ok: false, full };
  }

  async renewAll(leases: readonly HeldLease[], ttlMs: number): Promise<void> {
    await answer(this.leases.renew(leases, checkedTtlMs(ttlMs)));
  }

  async releaseAll(keys: readonly string[], token: string): Promise<void> {
    await answer(this.leases.release(keys, token));
  }

  async held(keys: readonly string[]): Promise<number[]> {
    return answer(this.leases.held(keys));
  }

  async sticky(key: string, proposed: string, ttlMs: number): Promise<string> {
    return answer(this.client.sharedSticky(keyOf('value', key), proposed, checkedTtlMs(ttlMs)));
  }

  async put(key: string, value: string, ttlMs: number): Promise<void> {
    await answer(this.client.set(keyOf('value', key), value, 'PX', checkedTtlMs(ttlMs)));
  }

  async get(key: string): Promise<string | undefined> {
    return (await answer(this.client.get(keyOf('value', key)))) ?? undefined;
  }

  async drop(key: string): Promise<void> {
    await answer(this.client.del(keyOf('value', key)));
  }

  async claim(key: string, ttlMs: number): Promise<boolean> {
    return (await answer(this.client.set(keyOf('claim', key), '1', 'PX', checkedTtlMs(ttlMs), 'NX'))) === 'OK';
  }

  async publish(channel: string, message: string): Promise<void> {
    await answer(this.client.publish(channelOf(channel), message));
  }

  async subscribe(channel: string, listener: Listener, missed?: () => void): Promise<() => Promise<void>> {
    return answer(this.subscriptions.add(channelOf(channel), listener, missed));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([closeRedis(this.client), this.subscriptions.close()]);
  }
}

/** @throws SharedStateUnavailable for whatever went wrong: no connection, no answer in time, a server that refuses */
async function answer<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    throw new SharedStateUnavailable(error);
  }
}
