import type { QuotaReport, QuotaWindow } from '../../core/index.js';
import type { AccountMeter } from './account-meter.js';
import { observeMeter } from './observe-meter.js';
import { madeAt, observe } from './observe-window.js';
import { windowKey, type Observation, type ObservedWindow } from './observed-window.js';

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
  const windows = new Map(known.windows.map((window) => [windowKey(window), window]));
  const meters = new Map(known.meters.map((meter) => [meter.limitId, meter]));
  seeWindows(windows, meters, seen, nowMs);
  seeMeters(meters, seen);
  dropWindows(windows, meters, seen);
  return { windows: [...windows.values()], meters: [...meters.values()] };
}

type Windows = Map<string, ObservedWindow>;
type Meters = Map<string, AccountMeter>;

function seeWindows(
  windows: Windows,
  meters: Meters,
  { report, atMs, credentialEpoch }: SeenReport,
  nowMs: number,
): void {
  for (const window of [...report.windows, ...spentBy(report, [...windows.values()])]) {
    const key = windowKey(window);
    const observation = { ...window, source: report.source, observedAtMs: atMs, credentialEpoch };
    const known = windows.get(key);
    if (known === undefined && isGone(observation, meters.get(window.limitId))) continue;
    const next = observe(known, observation, nowMs);
    if (next) windows.set(key, next);
  }
}

function seeMeters(meters: Meters, seen: SeenReport): void {
  const { report, credentialEpoch } = seen;
  const observedAtMs = reportedAt(seen);
  for (const said of report.meters) {
    const observation = { ...said, source: report.source, observedAtMs, credentialEpoch };
    const next = observeMeter(meters.get(said.limitId), observation);
    if (next) meters.set(said.limitId, next);
  }
}

/** Windows that the report says are not there. */
function dropWindows(windows: Windows, meters: Meters, seen: SeenReport): void {
  const { report, credentialEpoch } = seen;
  const there = new Set(report.windows.map(windowKey));
  const atMs = reportedAt(seen);
  const isOlder = (window: ObservedWindow): boolean =>
    window.observedAtMs < atMs && (window.credentialEpoch ?? 0) <= credentialEpoch;
  for (const limitId of report.wholeMeters) {
    const meter = completed(meters.get(limitId), limitId, seen);
    if (!meter) continue;
    meters.set(limitId, meter);
    for (const [key, window] of windows) {
      if (window.limitId === limitId && !there.has(key) && isOlder(window)) windows.delete(key);
    }
  }
}

/** A report as a whole is as old as the youngest window in it says. */
function reportedAt({ report, atMs }: SeenReport): number {
  const said = report.windows.flatMap(({ saidAtMs }) => (saidAtMs === undefined ? [] : [saidAtMs]));
  return said.length === 0 ? atMs : Math.min(atMs, Math.max(...said));
}

/** A refusal that names a reset is about the window that has it, even if it does not say which one that is. */
function spentBy({ source, windows, meters }: QuotaReport, known: readonly ObservedWindow[]): readonly QuotaWindow[] {
  if (source !== 'error') return [];
  const told = new Set(windows.map(windowKey));
  return known.flatMap((window) => {
    const resetsAtMs = meters.find(({ limitId }) => limitId === window.limitId)?.resetsAtMs;
    const isIt = resetsAtMs !== undefined && Math.abs(window.resetsAtMs - resetsAtMs) <= SAME_RESET_MS;
    const { limitId, windowMinutes } = window;
    const spent = { limitId, windowMinutes, usedPercent: 100, resetsAtMs: window.resetsAtMs };
    return isIt && !told.has(windowKey(window)) ? [spent] : [];
  });
}

/** The meter was said, later than this, to have no such window. */
const isGone = (observation: Observation, meter: AccountMeter | undefined): boolean =>
  meter?.completeAtMs !== undefined && madeAt(observation) < meter.completeAtMs;

/** @returns undefined when a later report, or one for newer credentials, has said which windows the meter has */
function completed(meter: AccountMeter | undefined, limitId: string, seen: SeenReport): AccountMeter | undefined {
  const atMs = reportedAt(seen);
  const { credentialEpoch, report } = seen;
  if (meter === undefined) {
    return { limitId, source: report.source, observedAtMs: atMs, completeAtMs: atMs, credentialEpoch };
  }
  const isOlder = (meter.completeAtMs ?? 0) > atMs || credentialEpoch < (meter.credentialEpoch ?? 0);
  return isOlder ? undefined : { ...meter, completeAtMs: atMs };
}
