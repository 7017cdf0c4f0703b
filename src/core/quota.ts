/** The meter of an account's own use; others count the use of a single model or feature. */
export const ACCOUNT_METER = 'codex';

/**
 * Where a piece of evidence came from: the headers of an answer, an event in a stream, an answer that refused for quota,
 * or the upstream's usage endpoint.
 */
export const QUOTA_SOURCES = ['headers', 'event', 'error', 'usage'] as const;

export type QuotaSource = (typeof QUOTA_SOURCES)[number];

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
  /**
   * When the upstream made this report, where it gives that away by both the moment of the reset and the wait until then:
   * Unix time in milliseconds. A report that was kept somewhere and sent again does not get younger by it.
   */
  readonly saidAtMs?: number;
}

/** What an upstream says of one meter as a whole, beside its windows. What is absent was not spoken of. */
export interface QuotaMeter {
  readonly limitId: string;
  /** The upstream's own name for it, such as that of the only model it counts. */
  readonly name?: string;
  /** Whether it says that calls are served now. */
  readonly allowed?: boolean;
  readonly limitReached?: boolean;
  /** When what is used up comes back: Unix time in milliseconds. */
  readonly resetsAtMs?: number;
  /** Credits that go on where windows end. */
  readonly credits?: { readonly available: boolean; readonly unlimited: boolean };
}

/** Everything that an upstream tells of an account's quota at one time. */
export interface QuotaReport {
  readonly source: QuotaSource;
  readonly windows: readonly QuotaWindow[];
  /** Meters that have the windows told here and no other: what was known of others is over. */
  readonly wholeMeters: readonly string[];
  readonly meters: readonly QuotaMeter[];
  /** When it came, if it is told later: Unix time in milliseconds. */
  readonly receivedAtMs?: number;
  /** The account's plan. */
  readonly plan?: string;
  /** How many resets the account has saved up. */
  readonly resetCredits?: number;
}

/** Nothing at all: what most answers tell. */
export const noQuota = (source: QuotaSource): QuotaReport => ({ source, windows: [], wholeMeters: [], meters: [] });
