import { ERRORS, type GatewayError, type PoolId } from '../core/index.js';

/** A budget is counted in fifths of a retry: every call earns one. */
const RETRY = 5;
const START = 10 * RETRY;
const MOST = 100 * RETRY;
/** Waits before a retry, in milliseconds: shortest and longest. */
const SHORT_MS = [10, 100] as const;
const BACK_OFF_MS = [1_000, 3_000] as const;

interface Bucket {
  fifths: number;
  /** When the service last said that it is overloaded, unless a call was answered since. Unix time in milliseconds. */
  overloadedAtMs?: number;
}

/**
 * How often a Pool's calls may be sent once more because the upstream service failed them. When it fails them all, retries
 * would only add to its load: a Pool has as many as every fifth of its calls may need, and some to start with.
 *
 * A failure that is one account's own costs nothing: that account is not asked again, so that there is an end to it.
 */
export class RetryBudget {
  private readonly buckets = new Map<PoolId, Bucket>();

  /** A call of the Pool begins. */
  called(pool: PoolId): void {
    const bucket = this.of(pool);
    bucket.fifths = Math.min(MOST, bucket.fifths + 1);
  }

  /** A call of the Pool was answered: whoever was overloaded before, not everybody is. */
  answered(pool: PoolId): void {
    delete this.of(pool).overloadedAtMs;
  }

  /**
   * Whether, after a failure, the call may be sent to another account, and when. Takes the retry from the budget.
   *
   * @param nowMs  Unix time in milliseconds
   * @param random 0–1: calls that fail together must not come back together
   * @returns how long to wait first, in milliseconds; `undefined`: the call has failed
   */
  retryAfterMs(pool: PoolId, failure: GatewayError, nowMs: number, random: number): number | undefined {
    if (ERRORS[failure.code].scope !== 'service') return 0;
    const bucket = this.of(pool);
    const again = bucket.overloadedAtMs !== undefined && nowMs - bucket.overloadedAtMs < BACK_OFF_MS[1];
    const overloaded = failure.code === 'server_is_overloaded';
    if (overloaded) bucket.overloadedAtMs = nowMs;
    if (bucket.fifths < RETRY) return undefined;
    bucket.fifths -= RETRY;
    const [least, most] = overloaded && again ? BACK_OFF_MS : SHORT_MS;
    return least + (most - least) * random;
  }

  private of(pool: PoolId): Bucket {
    let bucket = this.buckets.get(pool);
    if (bucket === undefined) {
      bucket = { fifths: START };
      this.buckets.set(pool, bucket);
    }
    return bucket;
  }
}
