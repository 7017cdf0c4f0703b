import { Column } from 'typeorm';

/** What calls came to, in sums. Postgres sends `bigint` as a string. */
export abstract class UsageCounters {
  @Column('bigint') calls!: string;
  @Column('bigint') succeeded!: string;
  @Column('bigint') failed!: string;
  @Column('bigint') cancelled!: string;
  @Column('bigint') rejected!: string;
  /** Calls of which nobody said what they used: they are in no sum of tokens. */
  @Column('bigint', { name: 'unknown_usage' }) unknownUsage!: string;
  /** Calls whose usage is known, and its price is not. */
  @Column('bigint') unpriced!: string;
  @Column('bigint', { name: 'input_uncached' }) inputUncached!: string;
  @Column('bigint', { name: 'input_cached' }) inputCached!: string;
  @Column('bigint', { name: 'cache_write' }) cacheWrite!: string;
  @Column('bigint') output!: string;
  @Column('bigint') reasoning!: string;
  /** Our own count of calls whose usage is unknown. */
  @Column('bigint', { name: 'estimated_input' }) estimatedInput!: string;
  @Column('bigint', { name: 'estimated_output' }) estimatedOutput!: string;
  @Column('bigint', { name: 'cost_nano_usd' }) costNanoUsd!: string;
  /** The part of the cost that is paid for by itself, not by a subscription. */
  @Column('bigint', { name: 'metered_nano_usd' }) meteredNanoUsd!: string;
}
