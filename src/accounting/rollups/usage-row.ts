import type { AccountId, KeyId, PoolId } from '../../core/index.js';

export const USAGE_DIMENSIONS = ['key', 'pool', 'account', 'model', 'day', 'hour'] as const;
export type UsageDimension = (typeof USAGE_DIMENSIONS)[number];

export interface UsageFilter {
  readonly poolId?: PoolId;
  /** Of none but these. */
  readonly poolIds?: readonly PoolId[];
  readonly keyId?: KeyId;
  readonly accountId?: AccountId;
  /** Exactly so. */
  readonly model?: string;
}

export interface UsageQuestion {
  /** Unix time in milliseconds: a UTC midnight; of a question by hour, any full hour. Inclusive. */
  readonly fromMs: number;
  /** The same, exclusive. */
  readonly toMs: number;
  /** None: one row of everything, if there is anything. */
  readonly groupBy: readonly UsageDimension[];
  readonly filter?: UsageFilter;
}

/** What the calls of one group came to. A call counts in the hour in which it came. */
export interface UsageRow {
  /** These, as far as they were asked for. */
  readonly keyId?: KeyId;
  readonly poolId?: PoolId;
  /** Null: the calls that were given to no account. */
  readonly accountId?: AccountId | null;
  /** What was asked of the upstream; `''`: no model. */
  readonly model?: string;
  /** UTC, `2027-01-31`. */
  readonly day?: string;
  /** UTC, `2027-01-31T15:00:00Z`. */
  readonly hour?: string;

  readonly calls: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly rejected: number;
  /** Calls of which nobody said what they used. They are in none of the sums of tokens. */
  readonly unknownUsage: number;
  /** Calls that used what nobody knows the price of. They are in neither of the sums of money. */
  readonly unpriced: number;
  /** Tokens in disjoint buckets, of the calls whose usage is known. */
  readonly inputUncached: number;
  readonly inputCached: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
  /** Of all five. */
  readonly totalTokens: number;
  /** Our own count of calls whose usage is unknown. */
  readonly estimatedInput: number;
  readonly estimatedOutput: number;
  /** 10⁻⁹ USD, at list prices; with the calls whose usage we estimated. */
  readonly costNanoUsd: bigint;
  /** The part of it that is paid for by itself, not by a subscription. */
  readonly meteredNanoUsd: bigint;
}

/** `partial`: there is a sum, and calls that are in it with nothing because nobody knows their price. */
export type CostCoverage = 'priced' | 'partial' | 'unpriced';

export function costCoverage({ unpriced, costNanoUsd }: Pick<UsageRow, 'unpriced' | 'costNanoUsd'>): CostCoverage {
  if (unpriced === 0) return 'priced';
  return costNanoUsd === 0n ? 'unpriced' : 'partial';
}

export const NO_USAGE: UsageRow = {
  calls: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  rejected: 0,
  unknownUsage: 0,
  unpriced: 0,
  inputUncached: 0,
  inputCached: 0,
  cacheWrite: 0,
  output: 0,
  reasoning: 0,
  totalTokens: 0,
  estimatedInput: 0,
  estimatedOutput: 0,
  costNanoUsd: 0n,
  meteredNanoUsd: 0n,
};
