import type { QuotaWindow } from '../core/index.js';

/** A quota window, and when it was reported: Unix time in milliseconds. */
export interface ObservedWindow extends QuotaWindow {
  readonly observedAtMs: number;
}

export const windowKey = (window: QuotaWindow): string => `${window.limitId} ${window.windowMinutes}`;

/** Every window once, as it was last reported; of two reports at the same time the fuller one. Neither list is modified. */
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

const isLater = (window: ObservedWindow, than: ObservedWindow): boolean =>
  window.observedAtMs === than.observedAtMs
    ? window.usedPercent > than.usedPercent
    : window.observedAtMs > than.observedAtMs;
