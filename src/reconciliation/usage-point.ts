/** What a provider said of a window at one time, beside our own sum. Times are Unix times in milliseconds. */
export interface UsagePoint {
  /** When the provider said it, not when it was heard of. */
  readonly atMs: number;
  readonly resetsAtMs: number;
  /** 0–100. */
  readonly usedPercent: number;
  /** Cost-weighted tokens of ours from the start of the window up to `atMs`. */
  readonly ourTokens: number;
}

/** Points between which nothing was given back: what is used only grows from one to the next. */
export type Stretch = readonly UsagePoint[];

export interface WindowTerms {
  readonly windowMs: number;
  /** Since when what the account does is known here: usage of before is nobody's fault. */
  readonly coveredFromMs: number;
}

/** Resets that lie no further apart are those of one cycle; half the window where that is less. */
const SAME_CYCLE_MS = 3_600_000;
/** What percents may differ by for being rounded. */
export const ROUNDING_PERCENT = 1;

/**
 * Points as stretches, oldest first, in whatever order they came. A stretch begins with each cycle, at nothing used when
 * the whole cycle is covered; and where the provider takes usage back.
 */
export function stretches(points: readonly UsagePoint[], { windowMs, coveredFromMs }: WindowTerms): readonly Stretch[] {
  const toleranceMs = Math.min(SAME_CYCLE_MS, windowMs / 2);
  const found: UsagePoint[][] = [];
  let before: UsagePoint | undefined;
  for (const point of inOrder(points)) {
    const isSameCycle = before !== undefined && Math.abs(point.resetsAtMs - before.resetsAtMs) <= toleranceMs;
    if (before !== undefined && isSameCycle && point.usedPercent >= before.usedPercent - ROUNDING_PERCENT) {
      found.at(-1)?.push(point);
    } else {
      found.push(isSameCycle ? [point] : fromStart(point, windowMs, coveredFromMs));
    }
    before = point;
  }
  return found;
}

function fromStart(point: UsagePoint, windowMs: number, coveredFromMs: number): UsagePoint[] {
  const startMs = point.resetsAtMs - windowMs;
  if (startMs < coveredFromMs || startMs >= point.atMs) return [point];
  return [{ atMs: startMs, resetsAtMs: point.resetsAtMs, usedPercent: 0, ourTokens: 0 }, point];
}

/** By time, and of those of one time the one that says most. */
function inOrder(points: readonly UsagePoint[]): readonly UsagePoint[] {
  const sorted = [...points].sort((a, b) => a.atMs - b.atMs || b.usedPercent - a.usedPercent);
  return sorted.filter(({ atMs }, index) => sorted[index - 1]?.atMs !== atMs);
}
