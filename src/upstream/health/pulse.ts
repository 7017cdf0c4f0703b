import type { Pulse } from '../account-snapshot.js';

/** After so long what was seen counts half. */
export const HALF_LIFE_MS = 300_000;
/** A mean that rests on less than this is of long ago: a single answer is forgotten after about half an hour. */
const LEAST_WEIGHT = 0.02;
/** Failures are weighed against one success that was never seen: one failure alone does not make an account a bad one. */
const PRIOR_SUCCESSES = 1;

/** Sums in which everything counts less the older it is. */
export interface Beat {
  /** As of when the sums are: Unix time in milliseconds. */
  readonly atMs: number;
  readonly ttftMs: number;
  readonly answers: number;
  readonly failures: number;
  readonly calls: number;
}

export const STILL: Beat = { atMs: 0, ttftMs: 0, answers: 0, failures: 0, calls: 0 };

/** A clock that goes backwards makes nothing younger. */
function faded(beat: Beat, nowMs: number): Beat {
  const factor = 0.5 ** (Math.max(0, nowMs - beat.atMs) / HALF_LIFE_MS);
  return {
    atMs: Math.max(beat.atMs, nowMs),
    ttftMs: beat.ttftMs * factor,
    answers: beat.answers * factor,
    failures: beat.failures * factor,
    calls: beat.calls * factor,
  };
}

/** An answer's first event came, `ttftMs` after it was asked for. */
export function heard(beat: Beat, ttftMs: number, nowMs: number): Beat {
  const now = faded(beat, nowMs);
  return { ...now, ttftMs: now.ttftMs + ttftMs, answers: now.answers + 1 };
}

/** A call came to its end. */
export function ended(beat: Beat, outcome: 'succeeded' | 'failed', nowMs: number): Beat {
  const now = faded(beat, nowMs);
  return { ...now, calls: now.calls + 1, failures: now.failures + (outcome === 'failed' ? 1 : 0) };
}

/** @param lastSuccessAtMs Unix time in milliseconds; absent: never */
export function pulseOf(beat: Beat, lastSuccessAtMs: number | undefined, nowMs: number): Pulse {
  const now = faded(beat, nowMs);
  return {
    ...(now.answers < LEAST_WEIGHT ? {} : { ttftMs: now.ttftMs / now.answers }),
    failureShare: now.failures / (now.calls + PRIOR_SUCCESSES),
    ...(lastSuccessAtMs === undefined ? {} : { lastSuccessAtMs }),
  };
}
