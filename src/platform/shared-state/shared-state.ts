export interface TakeResult {
  readonly ok: boolean;
  /** Whole milliseconds until the same take would succeed if nobody else took anything; 0 when `ok`. */
  readonly retryAfterMs: number;
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

  /**
   * Takes from a token bucket that starts full. A bucket is forgotten once it is full again.
   *
   * @param capacity > 0, the most that the bucket holds
   * @param refillPerMs > 0, tokens per millisecond
   * @param cost > 0 and ≤ capacity. Nothing is taken when less is there.
   */
  abstract take(key: string, capacity: number, refillPerMs: number, cost?: number): Promise<TakeResult>;

  /**
   * Takes one of `limit` leases, or null when all are held. A holder that dies gives its lease back by letting it end.
   *
   * @param limit a whole number ≥ 0
   * @param ttlMs > 0, after which the lease ends unless it is renewed
   */
  abstract acquire(key: string, limit: number, ttlMs: number): Promise<{ readonly token: string } | null>;

  /** Lets a lease end `ttlMs` from now. False when it had ended: the caller holds nothing any more. */
  abstract renew(key: string, token: string, ttlMs: number): Promise<boolean>;

  /** Gives a lease back. Nothing happens when it had ended. */
  abstract release(key: string, token: string): Promise<void>;

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
