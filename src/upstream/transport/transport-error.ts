import { GatewayError } from '../../core/index.js';

const TIMEOUTS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/** Failures to get a connection at all. */
const UNSENT = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const codeOf = (thrown: unknown): string =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : '';

/** Why a request was given up: the signal's own reason when it is one of ours, or that its time was over. */
function aborted({ reason }: AbortSignal): GatewayError {
  if (reason instanceof GatewayError) return reason;
  return reason instanceof DOMException && reason.name === 'TimeoutError'
    ? new GatewayError('upstream_timeout', 'The upstream did not answer in time.', { cause: reason })
    : new GatewayError('client_disconnected', 'The request was given up.', { cause: reason });
}

/**
 * A failure before the answer's head: nothing was answered, another account may be tried.
 *
 * @param unsent known not to have left, whatever went wrong
 */
export function failureToAnswer(thrown: unknown, signal: AbortSignal, unsent = false): GatewayError {
  if (signal.aborted) return aborted(signal);
  if (thrown instanceof GatewayError) return thrown;
  const detail = { cause: thrown, ...(unsent || UNSENT.has(codeOf(thrown)) ? { unsent: true } : {}) };
  return TIMEOUTS.has(codeOf(thrown))
    ? new GatewayError('upstream_timeout', 'The upstream did not answer in time.', detail)
    : new GatewayError('upstream_request_failed', 'The upstream could not be reached.', detail);
}

/** A failure while the answer's body was read. */
export function failureMidway(thrown: unknown, signal: AbortSignal): GatewayError {
  if (signal.aborted) return aborted(signal);
  if (thrown instanceof GatewayError) return thrown;
  return TIMEOUTS.has(codeOf(thrown))
    ? new GatewayError('stream_idle_timeout', 'The upstream went silent.', { cause: thrown })
    : new GatewayError('stream_interrupted', 'The upstream stream broke off.', { cause: thrown });
}
