import type { QuotaSource } from '../../core/index.js';
import type { AccountSnapshot } from '../account-snapshot.js';
import type { AccountMeter } from './account-meter.js';
import { meterCounts, meterOf } from './meter-counts.js';
import type { ObservedWindow } from './observed-window.js';

/** What a verdict rests on. */
export interface QuotaGrounds {
  readonly source: QuotaSource;
  /** Unix time in milliseconds. */
  readonly observedAtMs: number;
  readonly limitId: string;
  /** Of a window; absent: the upstream said it of the meter as a whole. */
  readonly windowMinutes?: number;
  readonly usedPercent?: number;
}

/** Whether an account's quota allows a call, as far as its upstream said. */
export interface QuotaVerdict {
  readonly verdict: 'allow' | 'unknown' | 'block';
  /** 0–100: how full the fullest running window is that the model counts in; 0 when none is known. */
  readonly pressure: number;
  /** When the first of them starts anew: Unix time in milliseconds. */
  readonly soonestResetMs?: number;
  /** Of `block`: when it ends by itself, Unix time in milliseconds. */
  readonly clearsAtMs?: number;
  /** Absent when nothing was ever said. */
  readonly evidence?: QuotaGrounds;
}

type Evidence = Pick<AccountSnapshot, 'windows' | 'meters'>;

type Grounds = ObservedWindow | AccountMeter;

/** What is found in the evidence that counts. */
interface Findings {
  fullest: ObservedWindow | undefined;
  soonestResetMs: number;
  /** When something good was heard last. */
  heardMs: number;
  /** What says that calls are served, and whatever else was said first. */
  allowing: AccountMeter | undefined;
  first: AccountMeter | undefined;
  /** What stops the account for the longest time, and until when. */
  block: Grounds | undefined;
  untilMs: number;
}

/** Evidence older than this proves nothing good any more. An account that serves is never that long without news. */
export const STALE_EVIDENCE_MS = 15 * 60_000;

/**
 * Whether an account has room for a call of `model`.
 *
 * `block`: a window that runs is spent, and no credits go on where it ends; or the upstream says that it serves nothing
 * now. `unknown`: nothing that counts is known, or all of it is old. A spent window blocks until its reset however old
 * that evidence is: usage does not fall within a cycle.
 *
 * The account's own meter counts for every model. Any other one counts for the model that its id or name spells, and for
 * nothing else: a spent meter of one model must not stop the account from serving the rest.
 *
 * @param model as the client named it; `''` for operations without one
 * @param nowMs Unix time in milliseconds
 */
export function quotaVerdict({ windows, meters }: Evidence, model: string, nowMs: number): QuotaVerdict {
  const found: Findings = {
    fullest: undefined,
    soonestResetMs: Infinity,
    heardMs: 0,
    allowing: undefined,
    first: undefined,
    block: undefined,
    untilMs: -Infinity,
  };
  for (const window of windows) {
    if (window.resetsAtMs > nowMs && meterCounts(window.limitId, meters, model)) seeWindow(found, window, meters);
  }
  for (const meter of meters) if (meterCounts(meter.limitId, meters, model)) seeMeter(found, meter, windows, nowMs);
  return told(found, nowMs);
}

function told(found: Findings, nowMs: number): QuotaVerdict {
  const { fullest, soonestResetMs, heardMs, allowing, first, block, untilMs } = found;
  const good = fullest ?? allowing;
  const isFresh = good !== undefined && nowMs - heardMs <= STALE_EVIDENCE_MS;
  const verdict: { -readonly [Name in keyof QuotaVerdict]: QuotaVerdict[Name] } = {
    verdict: block === undefined ? (isFresh ? 'allow' : 'unknown') : 'block',
    pressure: fullest?.usedPercent ?? 0,
  };
  if (fullest !== undefined) verdict.soonestResetMs = soonestResetMs;
  if (block !== undefined) verdict.clearsAtMs = untilMs;
  const grounds = block ?? good ?? first;
  if (grounds !== undefined) verdict.evidence = groundsOf(grounds);
  return verdict;
}

function seeWindow(found: Findings, window: ObservedWindow, meters: readonly AccountMeter[]): void {
  const { usedPercent, resetsAtMs, observedAtMs, limitId } = window;
  if (found.fullest === undefined || usedPercent > found.fullest.usedPercent) found.fullest = window;
  if (resetsAtMs < found.soonestResetMs) found.soonestResetMs = resetsAtMs;
  if (observedAtMs > found.heardMs) found.heardMs = observedAtMs;
  if (usedPercent >= 100 && !hasCredits(meterOf(limitId, meters))) stop(found, window, resetsAtMs);
}

function seeMeter(found: Findings, meter: AccountMeter, windows: readonly ObservedWindow[], nowMs: number): void {
  found.first ??= meter;
  if (meter.allowed === true) {
    found.allowing ??= meter;
    found.heardMs = Math.max(found.heardMs, meter.observedAtMs);
  }
  const untilMs = meter.resetsAtMs ?? meter.observedAtMs + STALE_EVIDENCE_MS;
  if (untilMs > nowMs && isStopped(meter) && !isOutdated(meter, windows, nowMs)) stop(found, meter, untilMs);
}

function stop(found: Findings, by: Grounds, untilMs: number): void {
  if (untilMs <= found.untilMs) return;
  found.block = by;
  found.untilMs = untilMs;
}

/** With credits a limit may be reached and calls are served all the same: only "not allowed" says that they are not. */
const isStopped = (meter: AccountMeter): boolean =>
  meter.allowed === false || (meter.limitReached === true && !hasCredits(meter));

/** Windows that were told later and have room say that it is over. */
function isOutdated(meter: AccountMeter, windows: readonly ObservedWindow[], nowMs: number): boolean {
  let isNewer = false;
  for (const { limitId, resetsAtMs, usedPercent, observedAtMs } of windows) {
    if (limitId !== meter.limitId || resetsAtMs <= nowMs) continue;
    if (usedPercent >= 100) return false;
    if (observedAtMs > meter.observedAtMs) isNewer = true;
  }
  return isNewer;
}

const hasCredits = (meter: AccountMeter | undefined): boolean =>
  meter?.credits?.available === true || meter?.credits?.unlimited === true;

function groundsOf(grounds: Grounds): QuotaGrounds {
  const { source, observedAtMs, limitId } = grounds;
  if (!('windowMinutes' in grounds)) return { source, observedAtMs, limitId };
  const { windowMinutes, usedPercent } = grounds;
  return { source, observedAtMs, limitId, windowMinutes, usedPercent };
}
