/** What counters count. Whole numbers, their sums below 2⁵³. */
export interface Amounts {
  readonly tokens: number;
  readonly nanoUsd: number;
}

/** An upper bound of what a counter sums over some days. A day is a whole number: of days since 1970-01-01, UTC. */
export interface Budget {
  readonly unit: keyof Amounts;
  readonly fromDay: number;
  /** The last one that counts. */
  readonly untilDay: number;
  readonly max: number;
}

/** One counter, and what it must not exceed. */
export interface Counter {
  readonly key: string;
  /** How many may come in any 60 s, by the time at which they are let in; absent: as many as want. */
  readonly perMinute?: number;
  readonly budgets: readonly Budget[];
}

/** What somebody expects to use, until that is known. */
export interface Hold extends Amounts {
  /** Unique; asked for again under the same id, it is the same. */
  readonly id: string;
  readonly day: number;
}

export interface DaySum extends Amounts {
  readonly day: number;
}

/** A counter that holds nothing yet: `fill` it and ask again. */
export interface ColdCounter {
  readonly key: string;
  /** Proves to `fill` that nothing has happened to the counter since. */
  readonly nonce: string;
}

export type HoldAnswer =
  /** What each counter then sums for each of its budgets, this hold included. */
  | { readonly result: 'held'; readonly used: readonly (readonly number[])[] }
  | { readonly result: 'cold'; readonly cold: readonly ColdCounter[] }
  | {
      readonly result: 'full';
      /** Number of the counter that refused. */
      readonly counter: number;
      /** Number of its budget, or that too many came in the last minute and when there is room for one more. */
      readonly over: number | { readonly retryAfterMs: number };
      /** All that this counter sums, by day, holds included, without the one that was refused. */
      readonly days: readonly DaySum[];
    };

export interface FilledHold extends Hold {
  /** When it ends unless it is renewed, > 0. */
  readonly endsInMs: number;
}

/** All that there is in a counter. */
export interface CounterContents {
  /** What was used: sums without holds. */
  readonly days: readonly DaySum[];
  readonly holds: readonly FilledHold[];
  /** Who was let in during the last minute, and how long ago that is. */
  readonly asked: readonly { readonly id: string; readonly agoMs: number }[];
}

/** A hold, and the counters that it is in. */
export interface HeldIn {
  readonly keys: readonly string[];
  readonly hold: Hold;
}

/** What became of a hold. */
export interface Settled extends Amounts {
  readonly keys: readonly string[];
  readonly id: string;
  readonly day: number;
}

/**
 * Counters of what is used, by day, and of what is going to be. They are a copy of something that lasts: one that is
 * not there, or of which anything was lost, is cold, and has to be filled. Every method is atomic over all of its
 * counters and counts time by the store's own clock. A counter that nobody asks for is forgotten after an hour.
 *
 * @throws SharedStateUnavailable as `SharedState` does
 */
export interface Counters {
  /**
   * Puts a hold into every counter, or into none where one would exceed a bound, itself included. For a hold that is in
   * already the same question again: one whose counters exceed a bound is taken out.
   *
   * @param ttlMs > 0, after which it ends unless it is renewed
   */
  hold(hold: Hold, counters: readonly Counter[], ttlMs: number): Promise<HoldAnswer>;

  /** @returns false when the counter is no longer the one that was found cold; then nothing is changed */
  fill(cold: ColdCounter, contents: CounterContents): Promise<boolean>;

  /** Lets holds end `ttlMs` from now. One that a counter has lost is there again, whatever its bounds. Cold ones are left. */
  renewHolds(held: readonly HeldIn[], ttlMs: number): Promise<void>;

  /** Puts what was used in the place of a hold, where that is there. All zero gives it back. Safe to repeat. */
  settleHolds(settled: readonly Settled[]): Promise<void>;

  /** Undefined for those that are cold. */
  contents(keys: readonly string[]): Promise<(CounterContents | undefined)[]>;

  /** Makes counters cold. */
  chill(keys: readonly string[]): Promise<void>;
}
