import { callIdFloor } from '../../core/index.js';

const HOUR_MS = 3_600_000;
/** A call's id is made where it is received, in the same moment; clocks of one process may step. */
const ID_SLACK_MS = 60_000;

/** Half-open, Unix times in milliseconds. */
export interface UsageSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface UsagePiece extends UsageSpan {
  /** Whole hours are read from the rollups, the rest from the ledger. */
  readonly wholeHours: boolean;
  /** Ids of the calls that were received in between lie between these. */
  readonly idFrom: string;
  readonly idTo: string;
}

/** A span as whole hours, and what is left of it before and after them. */
export function pieces({ fromMs, toMs }: UsageSpan): readonly UsagePiece[] {
  const firstMs = Math.ceil(fromMs / HOUR_MS) * HOUR_MS;
  const lastMs = Math.floor(toMs / HOUR_MS) * HOUR_MS;
  if (firstMs >= lastMs) return [piece(fromMs, toMs, false)].filter(isSome);
  return [piece(fromMs, firstMs, false), piece(firstMs, lastMs, true), piece(lastMs, toMs, false)].filter(isSome);
}

const isSome = ({ fromMs, toMs }: UsageSpan): boolean => fromMs < toMs;

const piece = (fromMs: number, toMs: number, wholeHours: boolean): UsagePiece => ({
  fromMs,
  toMs,
  wholeHours,
  idFrom: callIdFloor(fromMs - ID_SLACK_MS),
  idTo: callIdFloor(toMs + ID_SLACK_MS),
});
