import {
  ACCOUNT_METER,
  GatewayError,
  has,
  noQuota,
  QUOTA,
  type ErrorDetail,
  type QuotaReport,
  type QuotaSource,
} from '../../core/index.js';
import { askedWaitMs } from '../transport/asked-wait.js';
import type { ProviderError } from '../transport/provider-error.js';
import { header, type ReceivedHeaders } from '../transport/received-headers.js';

/** Money is gone, or what somebody allowed to be spent. @see help.openai.com, "Troubleshooting API rate limits and 429 errors" */
const SPENT: ReadonlySet<string> = new Set([
  'billing_hard_limit_reached',
  'billing_not_active',
  'credit_balance_exhausted',
  'organization_usage_limit_exceeded',
  'project_spend_limit_exceeded',
]);

const BURST_COOLDOWN_MS = 5_000;
const LONGEST_BURST_COOLDOWN_MS = 60_000;
/** Nobody says when somebody will pay. Whoever asks about the key before may find that it is taken again. */
const SPENT_COOLDOWN_MS = 3_600_000;

/** `x-ratelimit-{remaining,reset}-…`: what the Platform counts. */
const COUNTED = ['requests', 'tokens'] as const;
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A key that was served may be asked again. The counts that come with every answer are those of a minute, full again
 * before they could tell anybody where to go: they are read when a call was refused for them, and never as windows.
 */
export const served = (source: QuotaSource): QuotaReport => ({
  ...noQuota(source),
  meters: [{ limitId: ACCOUNT_METER, allowed: true, limitReached: false }],
});

/** What a 429 means: there is nothing left to spend, or it was too much for the minute. */
export function limitFailure(
  error: ProviderError,
  headers: ReceivedHeaders,
  nowMs: number,
  detail: ErrorDetail,
): GatewayError {
  if (has(QUOTA, error.tokens) || has(SPENT, error.tokens)) {
    return new GatewayError('upstream_quota_exhausted', 'The usage limit of the upstream account has been reached.', {
      ...detail,
      cooldownMs: SPENT_COOLDOWN_MS,
      quota: { ...noQuota('error'), meters: [{ limitId: ACCOUNT_METER, allowed: false, limitReached: true }] },
    });
  }
  const asked = askedWaitMs(headers, error, nowMs) ?? fullAgainMs(headers) ?? BURST_COOLDOWN_MS;
  const cooldownMs = Math.min(Math.max(asked, 1_000), LONGEST_BURST_COOLDOWN_MS);
  const message = 'The upstream account is rate limited for a moment.';
  return new GatewayError('upstream_rate_limited', message, { ...detail, cooldownMs, retryAfterMs: cooldownMs });
}

/** How long until the last of the counts that are at 0 is full again. */
function fullAgainMs(headers: ReceivedHeaders): number | undefined {
  const waits = COUNTED.filter((name) => header(headers, `x-ratelimit-remaining-${name}`)?.trim() === '0')
    .map((name) => durationMs(header(headers, `x-ratelimit-reset-${name}`)?.trim() ?? ''))
    .filter((wait) => wait !== undefined);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** `250ms`, `1.5s`, `6m0s`, `8h38m24s`. */
function durationMs(text: string): number | undefined {
  if (!/^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|[smhd]))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)(ms|[smhd])/g)];
  return parts.reduce((sum, [, amount, unit = 's']) => sum + Number(amount) * (UNITS_MS[unit] ?? 0), 0);
}
