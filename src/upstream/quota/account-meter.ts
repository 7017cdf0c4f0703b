import type { QuotaMeter, QuotaSource } from '../../core/index.js';

/** What an upstream says of one meter of an account as a whole, beside its windows: the last that it said of each part. */
export interface AccountMeter extends QuotaMeter {
  /** When it spoke of being allowed or at its limit; of credits where it only ever spoke of those. Unix time in milliseconds. */
  readonly observedAtMs: number;
  readonly source: QuotaSource;
  /** When it spoke of credits. */
  readonly creditsObservedAtMs?: number;
  /** When it last named all windows that the meter has: older reports of others are over. */
  readonly completeAtMs?: number;
  /** The newest credentials that any report of it was made for. */
  readonly credentialEpoch?: number;
}
