import type { Counters } from './counters.js';

export interface TakeResult {
  readonly ok: boolean;
  /** Whole milliseconds until the same take would succeed if nobody else took anything; 0 when `ok`. */
  readonly retryAfterMs: number;
}

/** One of the things that a lease is for. */
export interface Place {
  readonly key: string;
  /** How many may hold one at once, a whole number ≥ 0; absent: as many as come, who are only counted. */
  readonly limit?: number;
  /** A key in which the lease is counted as well: what one of those who share this place holds. */
  readonly part?: string;
}

export type Acquired =
  { readonly ok: true } | { readonly ok: false; /** The key that refused. */ readonly full: string };

/** A lease that somebody holds: a place of every key. */
export interface HeldLease {
  readonly keys: readonly string[];
  readonly token: string;
}

/** Hears one channel's messages. A throw is logged and reaches nobody else. */
export type Listener = (message: string) => void;

/**
 * What the processes of one installation must agree on while they run: limits, leases, affinity, once-only claims and
 * broadcasts. All of it may be lost with the server that holds it; what must last belongs in the database.
 *
 * Keys are any non-empty text. Buckets, leases and claims have a name space each; `sticky`, `put`, `get` and `drop`
 * share one. Every method is atomic, and time is the store's own, so that clocks of processes need not agree.
 *
 * @throws SharedStateUnavailable (rejection) from every method, within 500 ms, while the store does not answer; the
 *   caller decides whether that means yes or no. The change may or may not have been made.
 * @throws RangeError (rejection) for a number that is out of its bounds: a mistake in the program.
 */
export abstract class SharedState {
  /** Who shares this state: the objects of one process, or all processes that name the same Redis. */
  abstract readonly reach: 'process' | 'cluster';

  /** What is used, by day, and what is going to be. */
  abstract readonly counters: Counters;

  /**
   * Takes from a token bucket that starts full. A bucket is forgotten once it is full again.
   *
   * @param capacity > 0, the most that the bucket holds
   * @param refillPerMs > 0, tokens per millisecond
   * @param cost > 0 and ≤ capacity. Nothing is taken when less is there.
   */
  abstract take(key: string, capacity: number, refillPerMs: number, cost?: number): Promise<TakeResult>;

  /**
   * Takes a lease of every place, or of none when one is full. A holder that dies gives its leases back by letting them
   * end. Whoever holds a place under this token already takes it anew.
   *
   * Places with a `part` are shared out fairly: a caller that has the largest share of what it wants goes last. Its share
   * is how much of the fullest place its part holds, leases ÷ limit. While somebody of another part who waits for a place
   * has a smaller share, nobody gets that place who has more, free as it may be. At equal shares those wait whose part gave
   * a place back last, and those who have only now come. Who waits is known from being refused.
   *
   * @param token unique; what is taken under it is released under it
   * @param ttlMs > 0, after which the lease ends unless it is renewed
   * @param wantMs how long a caller counts as waiting once it is refused, unless it asks again or releases; 0: not at all
   */
  abstract acquireAll(places: readonly Place[], token: string, ttlMs: number, wantMs?: number): Promise<Acquired>;

  /**
   * Lets leases end `ttlMs` from now. One that had ended, or was lost, is there again, full or not: whoever renews says
   * that it goes on.
   */
  abstract renewAll(leases: readonly HeldLease[], ttlMs: number): Promise<void>;

  /** Gives back what is held under the token, and waits no longer. Nothing happens when it had ended. */
  abstract releaseAll(keys: readonly string[], token: string): Promise<void>;

  /** How many leases of each key are held now. */
  abstract held(keys: readonly string[]): Promise<number[]>;

  /**
   * The value that is there, else `proposed`, which is then kept for `ttlMs`: of many that propose at once, one wins
   * and all are told. A value that is there keeps its own end; `put` moves it.
   */
  abstract sticky(key: string, proposed: string, ttlMs: number): Promise<string>;

  /** Replaces the value, and its end. */
  abstract put(key: string, value: string, ttlMs: number): Promise<void>;

  abstract get(key: string): Promise<string | undefined>;

  abstract drop(key: string): Promise<void>;

  /** True for the first caller, false for all others until `ttlMs` after that. */
  abstract claim(key: string, ttlMs: number): Promise<boolean>;

  /** Sends to all subscribers that are connected now, in this process too. Nobody need be there. */
  abstract publish(channel: string, message: string): Promise<void>;

  /**
   * Hears all messages from now on. After a lost connection the subscription is restored by itself, but what was
   * published in between is not heard: never the only way by which something must be known.
   *
   * @param missed called when messages may have been missed, once new ones are heard again
   * @returns ends the subscription; never rejects
   */
  abstract subscribe(channel: string, listener: Listener, missed?: () => void): Promise<() => Promise<void>>;
}
