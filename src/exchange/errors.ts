import { ERRORS, GatewayError } from '../core/index.js';
import { usageLimit, type Exclusion } from '../routing/index.js';

export const interrupted = (): GatewayError =>
  new GatewayError('stream_interrupted', 'The upstream stream ended before its terminal event.');

/**
 * What the client is told when no account served. One account's quota never shows by itself; when one was spent and
 * none of the others could serve, the Pool is at its limit, and the client learns when the first account is back.
 *
 * @param quotaResets of the accounts found spent on the way: when each is back, as far as it said
 */
export function outward(
  error: GatewayError,
  quotaResets: readonly (number | undefined)[],
  exclusions: readonly Exclusion[],
  nowMs: number,
): GatewayError {
  if (quotaResets.length === 0 || ERRORS[error.code].scope !== 'account') return error;
  const known = [...quotaResets, ...exclusions.map((exclusion) => exclusion.clearsAtMs)];
  return usageLimit(
    known.flatMap((at) => at ?? []),
    nowMs,
  );
}
