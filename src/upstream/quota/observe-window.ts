import type { QuotaSource } from '../../core/index.js';
import type { Observation, ObservedWindow } from './observed-window.js';

/** How long reports must agree before less use, or an earlier reset, is believed. */
export const DOUBT_MS = 180_000;
/** Resets that lie no further apart are those of one cycle; half the window where that is less. */
const SAME_CYCLE_MS = 3_600_000;
/** No reset is further ahead than its window is long, and this. */
const RESET_SLACK_MS = 3_600_000;
/** Clocks of processes differ; what comes from further ahead than this is not believed. */
const FURTHEST_AHEAD_MS = 300_000;
const MINUTE_MS = 60_000;

/** Reports that agree, as far as later ones do not say more: the most that they said, from the first to the last. */
interface Run {
  readonly usedPercent: number;
  readonly resetsAtMs: number;
  readonly source: QuotaSource;
  readonly sinceMs: number;
  readonly lastMs: number;
}

interface Runs {
  readonly held: Run;
  /** Says less than `held`, later. */
  readonly doubt?: Run;
}

/**
 * What is believed of a window after one more report of it.
 *
 * More use, or a later cycle, is believed at once. Less use within a cycle, above all none, is believed when a second
 * report says so at least `DOUBT_MS` after the first and nothing in between said more; so is an earlier reset. A window
 * whose reset has passed is whatever is said of it next. Each report counts at the time at which it was made, which is
 * not when it came: one that comes late, twice, or out of a cache changes nothing that later ones said.
 *
 * @param known `undefined` when nothing is
 * @param nowMs Unix time in milliseconds
 * @returns `known` itself when the report cannot be true, or is of older credentials
 */
export function observe(
  known: ObservedWindow | undefined,
  seen: Observation,
  nowMs: number,
): ObservedWindow | undefined {
  const atMs = madeAt(seen);
  if (!isPlausible(seen, atMs, nowMs)) return known;
  const epoch = known?.credentialEpoch ?? 0;
  const settledMs = known?.settledMs ?? 0;
  if (seen.credentialEpoch < epoch || atMs < settledMs) return known;
  const { usedPercent, resetsAtMs, source } = seen;
  const run = { usedPercent, resetsAtMs, source, sinceMs: atMs, lastMs: atMs };
  const runs = known === undefined ? { held: run } : confirmed(added(runsOf(known), run, toleranceOf(seen)));
  return windowOf(seen, runs, {
    credentialEpoch: Math.max(epoch, seen.credentialEpoch),
    settledMs: isLong(runs.held) ? Math.max(settledMs, runs.held.sinceMs) : settledMs,
  });
}

/** A report out of a cache is as old as it says by itself. */
export const madeAt = ({ observedAtMs, saidAtMs }: Pick<Observation, 'observedAtMs' | 'saidAtMs'>): number =>
  Math.min(observedAtMs, saidAtMs ?? observedAtMs);

function isPlausible({ windowMinutes, resetsAtMs, observedAtMs }: Observation, atMs: number, nowMs: number): boolean {
  if (observedAtMs > nowMs + FURTHEST_AHEAD_MS) return false;
  return resetsAtMs > atMs && resetsAtMs <= atMs + windowMinutes * MINUTE_MS + RESET_SLACK_MS;
}

const toleranceOf = ({ windowMinutes }: Observation): number =>
  Math.min(SAME_CYCLE_MS, (windowMinutes * MINUTE_MS) / 2);

/** > 0: `a` says more than `b`, because it is of a later cycle or has more used; 0: the same. */
function compare(a: Run, b: Run, toleranceMs: number): number {
  const shiftMs = a.resetsAtMs - b.resetsAtMs;
  return Math.abs(shiftMs) > toleranceMs ? shiftMs : a.usedPercent - b.usedPercent;
}

const areOneCycle = (a: Run, b: Run, toleranceMs: number): boolean =>
  Math.abs(a.resetsAtMs - b.resetsAtMs) <= toleranceMs;

const isLong = ({ sinceMs, lastMs }: Run): boolean => lastMs - sinceMs >= DOUBT_MS;

function added(runs: Runs, run: Run, toleranceMs: number): Runs {
  const { held } = runs;
  if (held.resetsAtMs <= run.sinceMs) return { held: run };
  // Its cycle was over before what is believed began.
  if (run.resetsAtMs <= held.sinceMs) return runs;
  if (compare(run, held, toleranceMs) < 0) return weaker(runs, run, toleranceMs);
  return run.sinceMs >= held.lastMs ? stronger(runs, run, toleranceMs) : lateStronger(runs, run, toleranceMs);
}

/** As much as is believed, or more, and not older. */
function stronger({ held, doubt }: Runs, run: Run, toleranceMs: number): Runs {
  const grown = areOneCycle(held, run, toleranceMs) ? { ...run, sinceMs: held.sinceMs } : run;
  const left = doubt && after(doubt, run.lastMs);
  return left ? { held: grown, doubt: left } : { held: grown };
}

/** Says more than what is believed, but was made before its last report. */
function lateStronger({ held, doubt }: Runs, run: Run, toleranceMs: number): Runs {
  if (compare(run, held, toleranceMs) === 0) return { held: reaching(held, run), ...(doubt ? { doubt } : {}) };
  const since = after(held, run.lastMs) ?? held;
  return { held: run, doubt: doubt ? joined(since, doubt, toleranceMs) : since };
}

/** Says less than what is believed. */
function weaker(runs: Runs, run: Run, toleranceMs: number): Runs {
  const { held, doubt } = runs;
  if (run.sinceMs <= held.lastMs) {
    return areOneCycle(held, run, toleranceMs) ? { ...runs, held: reaching(held, run) } : runs;
  }
  if (doubt === undefined || areOneCycle(doubt, run, toleranceMs)) {
    return { held, doubt: doubt ? joined(doubt, run, toleranceMs) : run };
  }
  if (run.sinceMs < doubt.lastMs) return runs;
  if (run.sinceMs === doubt.lastMs) return { held, doubt: compare(run, doubt, toleranceMs) > 0 ? run : doubt };
  // Two doubts that contradict each other: what was said up to the first counts for neither.
  return { held: { ...held, lastMs: doubt.lastMs }, doubt: run };
}

/** An earlier report that does not say more belongs to the run as well. */
const reaching = (held: Run, { sinceMs }: Run): Run => ({ ...held, sinceMs: Math.min(held.sinceMs, sinceMs) });

/** What of a run is later than a time; of the reports within it only the first and the last are known. */
function after(run: Run, ms: number): Run | undefined {
  if (run.lastMs <= ms) return undefined;
  return run.sinceMs > ms ? run : { ...run, sinceMs: run.lastMs };
}

/** Two runs as one when they are of one cycle; else the later one. */
function joined(a: Run, b: Run, toleranceMs: number): Run {
  const later = b.lastMs >= a.lastMs ? b : a;
  if (!areOneCycle(a, b, toleranceMs)) return later;
  const most = a.usedPercent > b.usedPercent ? a : b.usedPercent > a.usedPercent ? b : later;
  return { ...most, sinceMs: Math.min(a.sinceMs, b.sinceMs), lastMs: later.lastMs };
}

const confirmed = (runs: Runs): Runs => (runs.doubt && isLong(runs.doubt) ? { held: runs.doubt } : runs);

function runsOf(known: ObservedWindow): Runs {
  const { usedPercent, resetsAtMs, source, observedAtMs, doubt } = known;
  const sinceMs = known.heldSinceMs ?? observedAtMs;
  const lastMs = known.heldAtMs ?? observedAtMs;
  const held = { usedPercent, resetsAtMs, source, sinceMs, lastMs };
  return doubt ? { held, doubt: { ...doubt, lastMs: observedAtMs } } : { held };
}

function windowOf(
  { limitId, windowMinutes }: Observation,
  { held, doubt }: Runs,
  { credentialEpoch, settledMs }: Required<Pick<ObservedWindow, 'credentialEpoch' | 'settledMs'>>,
): ObservedWindow {
  const window = {
    limitId,
    windowMinutes,
    usedPercent: held.usedPercent,
    resetsAtMs: held.resetsAtMs,
    source: held.source,
    observedAtMs: doubt?.lastMs ?? held.lastMs,
    heldSinceMs: held.sinceMs,
    heldAtMs: held.lastMs,
    credentialEpoch,
    settledMs,
  };
  return doubt ? { ...window, doubt: doubtOf(doubt) } : window;
}

const doubtOf = ({ usedPercent, resetsAtMs, sinceMs, source }: Run): NonNullable<ObservedWindow['doubt']> => ({
  usedPercent,
  resetsAtMs,
  sinceMs,
  source,
});
