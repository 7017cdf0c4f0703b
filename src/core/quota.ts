/** The meter of an account's own use; others count the use of a single model or feature. */
export const ACCOUNT_METER = 'codex';

/**
 * One upstream usage window, as an answer or an event reported it. Windows are told apart by their length, not by the
 * slot they came in (a weekly window may arrive as `primary`).
 */
export interface QuotaWindow {
  /** Which meter it belongs to: `codex` for the account's own, else the upstream's limit id. */
  readonly limitId: string;
  readonly windowMinutes: number;
  /** 0–100. */
  readonly usedPercent: number;
  /** Unix time in milliseconds. */
  readonly resetsAtMs: number;
}

/** Everything that an upstream tells of an account's quota at one time. */
export interface QuotaReport {
  readonly windows: readonly QuotaWindow[];
  /** Meters that have the windows told here and no other: what was known of others is over. */
  readonly wholeMeters: readonly string[];
}
