import type { Scores } from '../decision.js';
import type { Eligible } from './eligible.js';

/** An account's place under a strategy: lower goes first, by `first`, then by `second`. */
export interface Rank {
  readonly first: number;
  readonly second: number;
  /** What the two were made of. */
  readonly scores: Scores;
}

/**
 * A way to order accounts that may serve a call: the rank of each, in the order they came in. It must not depend on that
 * order. Accounts of equal rank: those whose circuit is closed, then those with the most free places, then by id.
 *
 * @param seed what calls that belong together have in common, hex
 */
export type Strategy = (eligible: readonly Eligible[], seed: string, nowMs: number) => readonly Rank[];
