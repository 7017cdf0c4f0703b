import type { Eligible } from './eligible.js';
import type { Rank } from './strategy.js';

/** What each part of the cost counts. Together 1, so that a cost is 0–100 as its parts are. */
const WEIGHTS = { pressure: 0.4, failures: 0.25, load: 0.2, slowness: 0.15 } as const;

/** An account that takes half as long again as the fastest one is not slow. */
const TOLERATED = 1.5;
/** Nobody is slow who begins to answer within this: differences below it are noise. */
const QUICK_MS = 100;

const ttftOf = ({ account }: Eligible): number => Math.max(QUICK_MS, account.pulse.ttftMs ?? QUICK_MS);

/** Of the accounts that have answered lately; Infinity when none has. */
const fastestOf = (eligible: readonly Eligible[]): number =>
  eligible.reduce(
    (least, one) => (one.account.pulse.ttftMs === undefined ? least : Math.min(least, ttftOf(one))),
    Infinity,
  );

/**
 * The least used of the quick, sound and idle ones first.
 *
 *     cost = 0.40 · pressure    used percentage of its fullest window
 *          + 0.25 · failures    100 · share of recent calls that failed
 *          + 0.20 · load        100 · open calls / calls that it may serve at once
 *          + 0.15 · slowness    100 · max(0, 1 − 1.5 · fastest / its own), of mean times to the first event
 *
 * Every part is 0–100 and so is the cost. Less of any part never puts an account further back. What is not known costs
 * nothing: an account without recent answers is worth a try. 10 points of quota weigh as much as a fifth of its places.
 */
export function balanced(eligible: readonly Eligible[]): Rank[] {
  const fastest = fastestOf(eligible);
  return eligible.map((one) => {
    const { pressure } = one.quota;
    const failures = 100 * one.account.pulse.failureShare;
    const slowness =
      one.account.pulse.ttftMs === undefined ? 0 : 100 * Math.max(0, 1 - (TOLERATED * fastest) / ttftOf(one));
    const cost =
      WEIGHTS.pressure * pressure + WEIGHTS.failures * failures + WEIGHTS.load * one.load + WEIGHTS.slowness * slowness;
    return { first: cost, second: 0, scores: { cost, pressure, failures, load: one.load, slowness } };
  });
}
