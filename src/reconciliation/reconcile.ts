import { ROUNDING_PERCENT, stretches, type Stretch, type UsagePoint, type WindowTerms } from './usage-point.js';

/**
 * `unknown`: too little is known to say anything; `low`: the rate rests on little use; `high`: on a fifth of a window or
 * more.
 */
export type Confidence = 'unknown' | 'low' | 'high';

/** What a provider says was used of a window in its current cycle, beside what our own sums explain. */
export interface Reconciliation {
  /** The provider's last word: 0–100. */
  readonly usedPercent: number;
  /** When it was said, and since when it is compared with our sums: Unix times in milliseconds. */
  readonly asOfMs: number;
  readonly sinceMs: number;
  readonly resetsAtMs: number;
  /** Ours since then, cost-weighted tokens. */
  readonly ourTokens: number;
  /** How much more the provider counted since then, and how much of that our own sums explain: percent points. */
  readonly countedPercent: number;
  readonly explainedPercent?: number;
  /** What they do not explain: used by somebody else, or lost by us. 0 within the rounding of percents. */
  readonly driftPercent?: number;
  readonly driftTokens?: number;
  readonly tokensPerPercent?: number;
  /** Where that rate is from: the account's own use, or other accounts of its plan. */
  readonly basis?: 'own' | 'plan';
  readonly confidence: Confidence;
  /** Of the current stretch. */
  readonly points: number;
}

/** Rates are taken from stretches at least this long, where there are any: percent points. */
const WIDE_PERCENT = 5;
const CERTAIN_PERCENT = 20;
const ENOUGH_POINTS = 3;
/** A report's percents are rounded, and count what was just used a little later. */
const SLACK_PERCENT = 2 * ROUNDING_PERCENT;
/** An account whose own rate is lower than this part of its plan's is used by others all the time. */
const PLAN_PART = 0.75;

/**
 * How far a provider's count and ours differ. The provider tells percents and never how many tokens a percent is. That
 * is learnt from the stretch of time in which the most tokens of ours went into a percent: everything else that was
 * counted came from elsewhere. So a drift is never overstated by rounding; it is understated by at most `SLACK_PERCENT`
 * of the widest stretch, and entirely where others use an account all the time and in proportion to us, unless other
 * accounts of the same plan show the rate.
 *
 * @param points settled ones, in any order; those of earlier cycles help to know the rate
 * @param planRate tokens per percent of other accounts of the plan
 * @returns undefined without points
 */
export function reconcile(
  points: readonly UsagePoint[],
  terms: WindowTerms,
  planRate?: number,
): Reconciliation | undefined {
  const all = stretches(points, terms);
  const current = all.at(-1);
  const [first, last] = [current?.[0], current?.at(-1)];
  if (current === undefined || first === undefined || last === undefined) return undefined;
  const countedPercent = Math.max(0, last.usedPercent - first.usedPercent);
  const ourTokens = Math.max(0, last.ourTokens - first.ourTokens);
  const count = current.filter(({ ourTokens: tokens, usedPercent }) => tokens > 0 || usedPercent > 0).length;
  const known = {
    usedPercent: last.usedPercent,
    asOfMs: last.atMs,
    sinceMs: first.atMs,
    resetsAtMs: last.resetsAtMs,
    ourTokens,
    countedPercent,
    points: count,
  };
  const rate = rateOf(all, planRate);
  const isEnough = count >= ENOUGH_POINTS || countedPercent >= WIDE_PERCENT;
  if (!isEnough || (rate === undefined && ourTokens > 0)) return { ...known, confidence: 'unknown' };
  return { ...known, ...explained(countedPercent, ourTokens, rate), confidence: confidenceIn(all, count) };
}

interface Rate {
  readonly tokensPerPercent: number;
  readonly basis: 'own' | 'plan';
}

function explained(countedPercent: number, ourTokens: number, rate: Rate | undefined) {
  const explainedPercent = rate ? Math.min(countedPercent, ourTokens / rate.tokensPerPercent) : 0;
  const rest = countedPercent - explainedPercent;
  const driftPercent = rest > ROUNDING_PERCENT ? rest : 0;
  if (rate === undefined) return { explainedPercent, driftPercent };
  return { explainedPercent, driftPercent, driftTokens: Math.round(driftPercent * rate.tokensPerPercent), ...rate };
}

function confidenceIn(all: readonly Stretch[], points: number): Confidence {
  return widest(all) >= CERTAIN_PERCENT && points >= ENOUGH_POINTS ? 'high' : 'low';
}

function rateOf(all: readonly Stretch[], planRate: number | undefined): Rate | undefined {
  const own = ownRate(all);
  const plan = planRate === undefined ? undefined : planRate * PLAN_PART;
  if (own !== undefined && own >= (plan ?? 0)) return { tokensPerPercent: own, basis: 'own' };
  return plan === undefined ? undefined : { tokensPerPercent: plan, basis: 'plan' };
}

const widest = (all: readonly Stretch[]): number =>
  Math.max(0, ...all.map((stretch) => (stretch.at(-1)?.usedPercent ?? 0) - (stretch[0]?.usedPercent ?? 0)));

/** The most tokens per percent that any two points far enough apart show for certain. */
function ownRate(all: readonly Stretch[]): number | undefined {
  const wide = Math.min(WIDE_PERCENT, widest(all));
  if (wide <= 0) return undefined;
  let rate = 0;
  for (const stretch of all) {
    for (const [index, from] of stretch.entries()) {
      for (const to of stretch.slice(index + 1)) {
        const percent = to.usedPercent - from.usedPercent;
        if (percent >= wide) rate = Math.max(rate, (to.ourTokens - from.ourTokens) / (percent + SLACK_PERCENT));
      }
    }
  }
  return rate > 0 ? rate : undefined;
}
