import type { Amounts, CounterContents } from '../../platform/shared-state/index.js';

/** What a counter has more than the truth; negative: less. */
export type Drift = Amounts;

const NO_DRIFT: Drift = { tokens: 0, nanoUsd: 0 };

/** By day, and what is held for it; only of days that differ. */
export function driftOf(counter: CounterContents, truth: CounterContents): Map<number, Drift> {
  const drift = new Map<number, { tokens: number; nanoUsd: number }>();
  const add = (all: readonly (Amounts & { readonly day: number })[], sign: 1 | -1) => {
    for (const { day, tokens, nanoUsd } of all) {
      const sum = drift.get(day) ?? NO_DRIFT;
      drift.set(day, { tokens: sum.tokens + sign * tokens, nanoUsd: sum.nanoUsd + sign * nanoUsd });
    }
  };
  add([...counter.days, ...counter.holds], 1);
  add([...truth.days, ...truth.holds], -1);
  return new Map([...drift].filter(([, { tokens, nanoUsd }]) => tokens !== 0 || nanoUsd !== 0));
}

/**
 * What two looks agree on. A call that is just being let in or settled is in one of the two before it is in the other:
 * that is over at the next look, and no drift.
 */
export function lasting(one: ReadonlyMap<number, Drift>, two: ReadonlyMap<number, Drift>): Map<number, Drift> {
  const both = new Map<number, Drift>();
  for (const [day, first] of one) {
    const second = two.get(day) ?? NO_DRIFT;
    const drift = { tokens: less(first.tokens, second.tokens), nanoUsd: less(first.nanoUsd, second.nanoUsd) };
    if (drift.tokens !== 0 || drift.nanoUsd !== 0) both.set(day, drift);
  }
  return both;
}

export const total = (drift: ReadonlyMap<number, Drift>): Drift =>
  [...drift.values()].reduce(
    (sum, { tokens, nanoUsd }) => ({
      tokens: sum.tokens + Math.abs(tokens),
      nanoUsd: sum.nanoUsd + Math.abs(nanoUsd),
    }),
    NO_DRIFT,
  );

/** The one that is nearer to zero; zero when they disagree on which side of it they are. */
const less = (one: number, two: number): number => {
  if (Math.sign(one) !== Math.sign(two)) return 0;
  return Math.abs(one) < Math.abs(two) ? one : two;
};
