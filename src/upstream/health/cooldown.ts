import { ERRORS, type ErrorCode, type GatewayError } from '../core/index.js';

/** For failures that do not say how long, in milliseconds. */
const DEFAULT_MS: Partial<Record<ErrorCode, number>> = {
  upstream_account_rejected: 60_000,
  upstream_quota_exhausted: 300_000,
  upstream_rate_limited: 5_000,
};
/** The longest quota window is a month; whatever says more is not believed. */
const LONGEST_MS = 32 * 86_400_000;

/**
 * Until when an account sits out after a failure: Unix time in milliseconds, `undefined` when the failure is not the
 * account's. `cooldownMs` of the failure goes before `resetsAtMs`, 0 means not at all.
 */
export function coolingUntil(error: GatewayError, nowMs: number): number | undefined {
  if (ERRORS[error.code].scope !== 'account') return undefined;
  const { cooldownMs, resetsAtMs } = error.detail;
  const untilMs = cooldownMs === undefined ? (resetsAtMs ?? nowMs + (DEFAULT_MS[error.code] ?? 0)) : nowMs + cooldownMs;
  return untilMs <= nowMs ? undefined : Math.min(untilMs, nowMs + LONGEST_MS);
}
