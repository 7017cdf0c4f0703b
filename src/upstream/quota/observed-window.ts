import type { QuotaSource, QuotaWindow } from '../../core/index.js';

/** One window as one report had it. */
export interface Observation extends QuotaWindow {
  readonly source: QuotaSource;
  /** When it was received, Unix time in milliseconds. */
  readonly observedAtMs: number;
  /** The credentials that the report was made for. */
  readonly credentialEpoch: number;
}

/** A quota window as it is believed to be. */
export interface ObservedWindow extends QuotaWindow {
  /** What said so. */
  readonly source: QuotaSource;
  /** When the window was last spoken of, whether or not that was believed: Unix time in milliseconds. */
  readonly observedAtMs: number;
  /** The newest credentials that any report of it was made for. */
  readonly credentialEpoch?: number;
  /** Since when, and up to when, reports agreed with what is believed; absent: `observedAtMs`. */
  readonly heldSinceMs?: number;
  readonly heldAtMs?: number;
  /** Reports made before this count no more: what came after them has been agreed upon for long enough. */
  readonly settledMs?: number;
  /** What later reports said that are not believed yet, and since when they say so. */
  readonly doubt?: {
    readonly usedPercent: number;
    readonly resetsAtMs: number;
    readonly sinceMs: number;
    readonly source: QuotaSource;
  };
}

export const windowKey = ({ limitId, windowMinutes }: Pick<QuotaWindow, 'limitId' | 'windowMinutes'>): string =>
  `${limitId} ${windowMinutes}`;
