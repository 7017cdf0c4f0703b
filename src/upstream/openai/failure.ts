import { ERRORS, GatewayError, type ResponseEvent } from '../../core/index.js';
import { failureInEvent } from '../transport/failed-event.js';
import { failureIn, type FailedAnswer, type FailureManners } from '../transport/failure.js';
import { requestIdIn, shown } from '../transport/received-headers.js';
import { limitFailure } from './limits.js';

const MANNERS: FailureManners = {
  limit: limitFailure,
  visible: (headers) => shown({ 'x-oai-request-id': requestIdIn(headers) }),
};

/** What an error answer of the Platform means. @param nowMs Unix time in milliseconds */
export const failureOf = (answer: FailedAnswer, nowMs: number): GatewayError =>
  discreet(failureIn(answer, nowMs, MANNERS));

/** What a failed terminal event means when it comes first, as `UpstreamKind.failureOf` tells it. */
export function failureOfEvent(event: ResponseEvent, nowMs: number): GatewayError | undefined {
  const failure = failureInEvent(event, nowMs, MANNERS);
  return failure && discreet(failure);
}

/**
 * What the Platform says about an account is for its owner: it quotes the ends of the key, and names the organization. No
 * client gets to read that.
 */
function discreet(failure: GatewayError): GatewayError {
  if (ERRORS[failure.code].scope !== 'account') return failure;
  const { relay: _, ...detail } = failure.detail;
  return new GatewayError(failure.code, failure.message, detail);
}
