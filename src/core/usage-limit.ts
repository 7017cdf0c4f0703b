import type { KeyId, PoolId } from './ids.js';

/**
 * What the calls of a key, or of all keys of a Pool, may use. A call belongs to the UTC day on which it came. Absent
 * fields limit nothing. Money is in nano-USD: 10⁻⁹ USD, a whole number.
 */
export interface UsageLimit {
  readonly scope: 'key' | 'pool';
  readonly id: KeyId | PoolId;
  /** Pattern with `*`, lower-case: only calls of such models count here, and are limited. Absent: all of them. */
  readonly model?: string;
  /** In any 60 s. */
  readonly requestsPerMinute?: number;
  /** Since midnight, UTC. */
  readonly tokensPerDay?: number;
  /** Of today and the six days before. */
  readonly tokensPerWeek?: number;
  /** Of one call. */
  readonly maxInputTokens?: number;
  readonly maxOutputTokens?: number;
  readonly nanoUsdPerDay?: number;
  /** Of today and the six days before. */
  readonly nanoUsdPerWeek?: number;
  /** Of the calendar month, UTC. */
  readonly nanoUsdPerMonth?: number;
  /** From how much of a budget of money on its operator is warned, in percent. */
  readonly warnPercent?: number;
}
