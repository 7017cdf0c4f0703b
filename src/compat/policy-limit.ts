import type { GatewayError } from '../core/index.js';

/** Longer than this nobody is asked to wait without a word to their user. */
const MAX_WAIT_MS = 60_000;

/**
 * What a limit of a key or its Pool is about: how often it is asked, how much is used in a window of time, or how large
 * one call is, which no waiting makes smaller. `undefined` for every other error.
 */
export function policyLimitOf({ code, detail }: GatewayError): 'rate' | 'window' | 'call' | undefined {
  if (code !== 'api_key_policy_limit_exceeded') return undefined;
  if (detail.resetsAtMs !== undefined) return 'window';
  return detail.retryAfterMs === undefined ? 'call' : 'rate';
}

/**
 * How long a client is told to wait, in seconds: it does so silently, and some without an upper bound.
 *
 * @param usualMs the longest wait that a client is asked for
 */
export function retryAfterOf(error: GatewayError, usualMs: number): Readonly<Record<string, string>> {
  const limit = policyLimitOf(error);
  const { retryAfterMs } = error.detail;
  if (retryAfterMs === undefined || limit === 'window') return {};
  if (retryAfterMs > (limit === 'rate' ? MAX_WAIT_MS : usualMs)) return {};
  return { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) };
}
