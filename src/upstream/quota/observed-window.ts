import type { QuotaWindow } from '../../core/index.js';

/** A quota window, and when it was reported: Unix time in milliseconds. */
export interface ObservedWindow extends QuotaWindow {
  readonly observedAtMs: number;
}

export const windowKey = (window: QuotaWindow): string => `${window.limitId} ${window.windowMinutes}`;

/** Resets that lie no further apart are the same one, said at different times. */
export const SAME_RESET_MS = 60_000;
/** A report that looks like a replay is believed only when nothing better was heard for so long. */
export const DOUBT_MS = 180_000;

/**
 * Every window once, as its best report has it: the last one, but for those that look like a replay; of two at the same
 * time the fuller one. Neither list is modified.
 */
export function latestWindows(
  some: Iterable<ObservedWindow>,
  others: Iterable<ObservedWindow>,
): ReadonlyMap<string, ObservedWindow> {
  const latest = new Map<string, ObservedWindow>();
  for (const window of [...some, ...others]) {
    const key = windowKey(window);
    const known = latest.get(key);
    if (known === undefined || isLater(window, known)) latest.set(key, window);
  }
  return latest;
}

function isLater(window: ObservedWindow, than: ObservedWindow): boolean {
  const laterMs = window.observedAtMs - than.observedAtMs;
  if (isDoubtful(window, than)) return laterMs > DOUBT_MS;
  if (isDoubtful(than, window)) return laterMs >= -DOUBT_MS;
  return laterMs === 0 ? window.usedPercent > than.usedPercent : laterMs > 0;
}

/** A window does not go back to an earlier reset, nor to nothing used before its reset. */
function isDoubtful(window: ObservedWindow, against: ObservedWindow): boolean {
  const shiftMs = window.resetsAtMs - against.resetsAtMs;
  if (Math.abs(shiftMs) > SAME_RESET_MS) return shiftMs < 0;
  return window.usedPercent === 0 && against.usedPercent > 0;
}
