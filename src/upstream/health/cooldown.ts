import { ERRORS, type AccountId, type ErrorCode, type GatewayError } from '../../core/index.js';

/** For failures that do not say how long, in milliseconds. */
const DEFAULT_MS: Partial<Record<ErrorCode, number>> = {
  upstream_account_rejected: 60_000,
  upstream_quota_exhausted: 300_000,
};
/** The longest quota window is a month; whatever says more is not believed. */
const LONGEST_MS = 32 * 86_400_000;
/** After the first burst, the second one in a row, and so on. */
const BURST_MS = [5_000, 10_000, 20_000, 40_000, 60_000] as const;
export const LONGEST_BURST_MS = 60_000;
const BURST_JITTER = 0.2;

/**
 * Until when an account sits out after a failure: Unix time in milliseconds, `undefined` when the failure is not the
 * account's. `cooldownMs` of the failure goes before `resetsAtMs`, 0 means not at all. A burst is not told here.
 *
 * @see burstCooldownMs
 */
export function coolingUntil(error: GatewayError, nowMs: number): number | undefined {
  if (ERRORS[error.code].scope !== 'account') return undefined;
  const { cooldownMs, resetsAtMs } = error.detail;
  const untilMs = cooldownMs === undefined ? (resetsAtMs ?? nowMs + (DEFAULT_MS[error.code] ?? 0)) : nowMs + cooldownMs;
  return untilMs <= nowMs ? undefined : Math.min(untilMs, nowMs + LONGEST_MS);
}

/**
 * How long an account sits out that was asked for too much at once. It grows when that happens again as soon as the
 * account is tried, and differs a little from account to account, so that they do not all come back at once.
 *
 * @param count   the bursts in a row, from 1
 * @param askedMs what the upstream asked for: the first time no more than that, later no less
 */
export function burstCooldownMs(id: AccountId, count: number, askedMs?: number): number {
  const asked = askedMs === undefined ? undefined : Math.min(askedMs, LONGEST_BURST_MS);
  if (asked !== undefined && count <= 1) return asked;
  const base = BURST_MS[Math.min(count, BURST_MS.length) - 1] ?? BURST_MS[0];
  const grown = base * (1 - BURST_JITTER + 2 * BURST_JITTER * fractionOf(`${id} ${count}`));
  return Math.round(Math.max(asked ?? 0, grown));
}

/** 0–1, the same for the same text: FNV-1a, whose last bits are mixed well enough to spread some hundred accounts. */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 0x1_0000_0000;
}
