import {
  ACCOUNT_METER,
  GatewayError,
  type ErrorDetail,
  type QuotaReport,
  type QuotaWindow,
  has,
  QUOTA,
} from '../../core/index.js';
import { askedWaitMs } from '../transport/asked-wait.js';
import type { ProviderError } from '../transport/provider-error.js';
import { activeMeter, isReached, meterId, quotaOfHeaders, resetOf, windowOf } from './quota.js';
import { header, type ReceivedHeaders } from '../transport/received-headers.js';

const BURST_COOLDOWN_MS = 5_000;
const LONGEST_BURST_COOLDOWN_MS = 60_000;
/** For a spent quota that does not say when it comes back. */
const UNKNOWN_RESET_COOLDOWN_MS = 300_000;
/** A plan without Codex does not change by the minute. */
const NOT_INCLUDED_COOLDOWN_MS = 3_600_000;
/** Two ways to tell one reset differ by rounding. */
const SAME_RESET_MS = 60_000;

/**
 * What a 429 means: a spent quota (`usage_limit_reached` and its relatives, a limit that a header says was reached, or a
 * window at 100 % of the meter that counted the call), or a burst that has nothing to do with quota and is over in
 * seconds. Either way its headers tell of the account's quota.
 *
 * @param detail what the caller already knows of the answer
 */
export function limitFailure(
  error: ProviderError,
  headers: ReceivedHeaders,
  nowMs: number,
  detail: ErrorDetail,
): GatewayError {
  const report = quotaOfHeaders(headers, nowMs);
  const running = report.windows.filter((window) => window.resetsAtMs > nowMs);
  const limitId = meterOf(error, headers, running);
  const own = running.filter((window) => window.limitId === limitId);
  const spent = own.filter((window) => window.usedPercent >= 100);
  if (!has(QUOTA, error.tokens) && spent.length === 0 && !isReached(headers)) {
    return burst(error, headers, nowMs, { ...detail, quota: report });
  }
  const resetsAtMs = futureReset(error, nowMs) ?? windowReset(spent, own);
  return new GatewayError('upstream_quota_exhausted', 'The usage limit of the upstream account has been reached.', {
    ...detail,
    quota: spentReport(report, { error, headers, limitId, resetsAtMs }, nowMs),
    ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
    ...cooldown(error, limitId, resetsAtMs),
  });
}

/** The meter that has run out: the one that is named, else the account's own unless only another one is spent. */
function meterOf(error: ProviderError, headers: ReceivedHeaders, running: readonly QuotaWindow[]): string {
  const named = meterId(error.fields.limit_id) ?? meterId(error.fields.metered_limit_name) ?? activeMeter(headers);
  if (named !== undefined) return named;
  const spent = running.filter(({ usedPercent }) => usedPercent >= 100).map(({ limitId }) => limitId);
  return spent.includes(ACCOUNT_METER) ? ACCOUNT_METER : (spent[0] ?? ACCOUNT_METER);
}

interface Spent {
  readonly error: ProviderError;
  readonly headers: ReceivedHeaders;
  readonly limitId: string;
  readonly resetsAtMs: number | undefined;
}

/** The same report, with the window that the refusal is about at 100 %. */
function spentReport(report: QuotaReport, spent: Spent, nowMs: number): QuotaReport {
  const { error, limitId, resetsAtMs } = spent;
  const named = namedWindow(error, limitId, nowMs);
  const isSpent = (window: QuotaWindow): boolean =>
    named === undefined &&
    window.limitId === limitId &&
    resetsAtMs !== undefined &&
    Math.abs(window.resetsAtMs - resetsAtMs) <= SAME_RESET_MS;
  const others = report.windows.filter(
    (window) => window.limitId !== limitId || window.windowMinutes !== named?.windowMinutes,
  );
  const told = report.meters.find((meter) => meter.limitId === limitId);
  return {
    ...report,
    source: 'error',
    windows: [
      ...others.map((window) => (isSpent(window) ? { ...window, usedPercent: 100 } : window)),
      ...(named ? [named] : []),
    ],
    meters: [
      ...report.meters.filter((meter) => meter !== told),
      {
        ...told,
        limitId,
        allowed: false,
        limitReached: true,
        ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
        ...(areCreditsGone(spent) ? { credits: { available: false, unlimited: false } } : {}),
      },
    ],
  };
}

/** The window that the body itself describes. */
function namedWindow({ fields }: ProviderError, limitId: string, nowMs: number): QuotaWindow | undefined {
  return windowOf(limitId, { ...fields, used_percent: 100, reset_at: fields.resets_at ?? fields.reset_at }, nowMs)[0];
}

function areCreditsGone({ error, headers }: Spent): boolean {
  const said = [header(headers, 'x-codex-rate-limit-reached-type') ?? '', ...error.tokens];
  return said.some((word) => word.includes('credits_depleted'));
}

function cooldown(error: ProviderError, limitId: string, resetsAtMs: number | undefined): ErrorDetail {
  // Another meter (one model's own) is spent: its evidence says so, and the account goes on serving everything else.
  if (limitId !== ACCOUNT_METER) return { cooldownMs: 0 };
  if (resetsAtMs !== undefined) return {};
  return {
    cooldownMs: error.tokens.includes('usage_not_included') ? NOT_INCLUDED_COOLDOWN_MS : UNKNOWN_RESET_COOLDOWN_MS,
  };
}

function futureReset(error: ProviderError, nowMs: number): number | undefined {
  const resetsAtMs = resetOf(error.fields, nowMs);
  return resetsAtMs !== undefined && resetsAtMs > nowMs ? resetsAtMs : undefined;
}

/** All spent windows must come back; when none is, the first reset is the first moment worth a try. */
function windowReset(spent: readonly QuotaWindow[], all: readonly QuotaWindow[]): number | undefined {
  if (spent.length > 0) return Math.max(...spent.map((window) => window.resetsAtMs));
  return all.length > 0 ? Math.min(...all.map((window) => window.resetsAtMs)) : undefined;
}

function burst(error: ProviderError, headers: ReceivedHeaders, nowMs: number, detail: ErrorDetail): GatewayError {
  const asked = askedWaitMs(headers, error, nowMs);
  const cooldownMs = Math.min(Math.max(asked ?? BURST_COOLDOWN_MS, 1_000), LONGEST_BURST_COOLDOWN_MS);
  const message = 'The upstream account is rate limited for a moment.';
  return new GatewayError('upstream_rate_limited', message, { ...detail, cooldownMs, retryAfterMs: cooldownMs });
}
