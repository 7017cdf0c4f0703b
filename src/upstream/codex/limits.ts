import { GatewayError, type ErrorDetail, type QuotaWindow, has, QUOTA } from '../../core/index.js';
import type { ProviderError } from './provider-error.js';
import { quotaOfHeaders, resetOf } from './quota.js';
import { header, type ReceivedHeaders } from './response-headers.js';

const BURST_COOLDOWN_MS = 5_000;
const LONGEST_BURST_COOLDOWN_MS = 60_000;
/** For a spent quota that does not say when it comes back. */
const UNKNOWN_RESET_COOLDOWN_MS = 300_000;
/** A plan without Codex does not change by the minute. */
const NOT_INCLUDED_COOLDOWN_MS = 3_600_000;

/**
 * What a 429 means: a spent quota (`usage_limit_reached` and its relatives, or a window at 100 %), or a burst that has
 * nothing to do with quota and is over in seconds.
 *
 * @param detail what the caller already knows of the answer
 */
export function limitFailure(
  error: ProviderError,
  headers: ReceivedHeaders,
  nowMs: number,
  detail: ErrorDetail,
): GatewayError {
  const windows = quotaOfHeaders(headers, nowMs).filter((window) => window.resetsAtMs > nowMs);
  const spent = windows.filter((window) => window.usedPercent >= 100);
  const reached = header(headers, 'x-codex-rate-limit-reached-type') !== undefined;
  if (!has(QUOTA, error.tokens) && spent.length === 0 && !reached) return burst(error, headers, nowMs, detail);
  const resetsAtMs = futureReset(error, nowMs) ?? windowReset(spent, windows);
  return new GatewayError('upstream_quota_exhausted', 'The usage limit of the upstream account has been reached.', {
    ...detail,
    ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
    ...cooldown(error, headers, resetsAtMs),
  });
}

function cooldown(error: ProviderError, headers: ReceivedHeaders, resetsAtMs: number | undefined): ErrorDetail {
  // Another meter (one model's own) is spent: its window says so, and the account goes on serving everything else.
  const meter = header(headers, 'x-codex-active-limit');
  if (meter !== undefined && !['', 'codex', 'premium'].includes(meter.trim().toLowerCase())) return { cooldownMs: 0 };
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
  const asked = retryAfterOf(headers, nowMs) ?? waitIn(error.message);
  const cooldownMs = Math.min(Math.max(asked ?? BURST_COOLDOWN_MS, 1_000), LONGEST_BURST_COOLDOWN_MS);
  const message = 'The upstream account is rate limited for a moment.';
  return new GatewayError('upstream_rate_limited', message, { ...detail, cooldownMs, retryAfterMs: cooldownMs });
}

/** `retry-after-ms`, or `retry-after` in seconds or as an HTTP date; in milliseconds. */
function retryAfterOf(headers: ReceivedHeaders, nowMs: number): number | undefined {
  const ms = Number(header(headers, 'retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms)) return ms;
  const said = header(headers, 'retry-after')?.trim();
  if (said === undefined || said === '') return undefined;
  const wait = /^\d+(\.\d+)?$/.test(said) ? Number(said) * 1000 : Date.parse(said) - nowMs;
  return Number.isFinite(wait) ? wait : undefined;
}

/** "… try again in 1.5s" (also `300ms`, `35 seconds`), the only place where an event in a stream says how long. */
function waitIn(message: string | undefined): number | undefined {
  const [, amount, unit] = /try again in (\d{1,6}(?:\.\d{1,6})?) ?(ms|s|seconds?)\b/i.exec(message ?? '') ?? [];
  return amount === undefined ? undefined : Number(amount) * (unit?.toLowerCase() === 'ms' ? 1 : 1000);
}
