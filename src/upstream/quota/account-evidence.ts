import type { QuotaReport, QuotaWindow } from '../../core/index.js';
import type { AccountMeter } from './account-meter.js';
import { observeMeter } from './observe-meter.js';
import { madeAt, observe } from './observe-window.js';
import type { Observation, ObservedWindow } from './observed-window.js';

/** All that is believed of an account's quota. */
export interface AccountEvidence {
  readonly windows: readonly ObservedWindow[];
  readonly meters: readonly AccountMeter[];
}

/** A report, and when and for which credentials it came. */
export interface SeenReport {
  readonly report: QuotaReport;
  /** Unix time in milliseconds. */
  readonly atMs: number;
  readonly credentialEpoch: number;
}

/** Two ways to tell one reset differ by rounding. */
const SAME_RESET_MS = 60_000;

/**
 * What is believed after one more report. The order in which reports come does not matter to what was said last, nor how
 * often the same one comes. Nothing is modified.
 *
 * @param nowMs Unix time in milliseconds
 */
export function withReport(known: AccountEvidence, seen: SeenReport, nowMs: number): AccountEvidence {
  const windows = [...known.windows];
  const meters = [...known.meters];
  for (const window of seen.report.windows) seeWindow(windows, meters, window, seen, nowMs);
  for (const window of spentBy(seen.report, known.windows)) seeWindow(windows, meters, window, seen, nowMs);
  const reportedAtMs = reportedAt(seen);
  seeMeters(meters, seen, reportedAtMs);
  return { windows: withoutDropped(windows, meters, seen, reportedAtMs), meters };
}

type WindowName = Pick<QuotaWindow, 'limitId' | 'windowMinutes'>;

/** Accounts have few windows and meters: looking through them is quicker than any index. */
const placeOf = (windows: readonly WindowName[], { limitId, windowMinutes }: WindowName): number =>
  windows.findIndex((window) => window.limitId === limitId && window.windowMinutes === windowMinutes);

const meterPlaceOf = (meters: readonly AccountMeter[], limitId: string): number =>
  meters.findIndex((meter) => meter.limitId === limitId);

function seeWindow(
  windows: ObservedWindow[],
  meters: readonly AccountMeter[],
  window: QuotaWindow,
  { report: { source }, atMs, credentialEpoch }: SeenReport,
  nowMs: number,
): void {
  const place = placeOf(windows, window);
  const known = windows[place];
  const { limitId, windowMinutes, usedPercent, resetsAtMs, saidAtMs } = window;
  const told = { limitId, windowMinutes, usedPercent, resetsAtMs, source, observedAtMs: atMs, credentialEpoch };
  const observation: Observation = saidAtMs === undefined ? told : { ...told, saidAtMs };
  if (known === undefined && isGone(observation, meters[meterPlaceOf(meters, window.limitId)])) return;
  const next = observe(known, observation, nowMs);
  if (next) windows[known === undefined ? windows.length : place] = next;
}

function seeMeters(meters: AccountMeter[], { report, credentialEpoch }: SeenReport, observedAtMs: number): void {
  for (const said of report.meters) {
    const place = meterPlaceOf(meters, said.limitId);
    const next = observeMeter(meters[place], { ...said, source: report.source, observedAtMs, credentialEpoch });
    if (next) meters[place < 0 ? meters.length : place] = next;
  }
}

/** Without windows that the report says are not there. @param meters learn what was said */
function withoutDropped(
  windows: ObservedWindow[],
  meters: AccountMeter[],
  seen: SeenReport,
  atMs: number,
): ObservedWindow[] {
  const { report, credentialEpoch } = seen;
  let left = windows;
  for (const limitId of report.wholeMeters) {
    const place = meterPlaceOf(meters, limitId);
    const meter = completed(meters[place], limitId, seen, atMs);
    if (!meter) continue;
    meters[place < 0 ? meters.length : place] = meter;
    left = left.filter((window) => {
      const isOlder = window.observedAtMs < atMs && (window.credentialEpoch ?? 0) <= credentialEpoch;
      return window.limitId !== limitId || !isOlder || placeOf(report.windows, window) >= 0;
    });
  }
  return left;
}

/** A report as a whole is as old as the youngest window in it says. */
function reportedAt({ report, atMs }: SeenReport): number {
  let youngestMs = -Infinity;
  for (const { saidAtMs } of report.windows) if (saidAtMs !== undefined) youngestMs = Math.max(youngestMs, saidAtMs);
  return youngestMs === -Infinity ? atMs : Math.min(atMs, youngestMs);
}

/** A refusal that names a reset is about the window that has it, even if it does not say which one that is. */
function spentBy({ source, windows, meters }: QuotaReport, known: readonly ObservedWindow[]): readonly QuotaWindow[] {
  if (source !== 'error') return [];
  return known.flatMap((window) => {
    const resetsAtMs = meters.find(({ limitId }) => limitId === window.limitId)?.resetsAtMs;
    const isIt = resetsAtMs !== undefined && Math.abs(window.resetsAtMs - resetsAtMs) <= SAME_RESET_MS;
    const { limitId, windowMinutes } = window;
    const spent = { limitId, windowMinutes, usedPercent: 100, resetsAtMs: window.resetsAtMs };
    return isIt && placeOf(windows, window) < 0 ? [spent] : [];
  });
}

/** The meter was said, later than this, to have no such window. */
const isGone = (observation: Observation, meter: AccountMeter | undefined): boolean =>
  meter?.completeAtMs !== undefined && madeAt(observation) < meter.completeAtMs;

/** @returns undefined when a later report, or one for newer credentials, has said which windows the meter has */
function completed(
  meter: AccountMeter | undefined,
  limitId: string,
  { credentialEpoch, report }: SeenReport,
  atMs: number,
): AccountMeter | undefined {
  if (meter === undefined) {
    return { limitId, source: report.source, observedAtMs: atMs, completeAtMs: atMs, credentialEpoch };
  }
  const isOlder = (meter.completeAtMs ?? 0) > atMs || credentialEpoch < (meter.credentialEpoch ?? 0);
  return isOlder ? undefined : { ...meter, completeAtMs: atMs };
}
