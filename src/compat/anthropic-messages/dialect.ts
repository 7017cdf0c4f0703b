import { sseFrame, type Dialect, type Fields, type GatewayError, type RenderedError } from '../../core/index.js';
import { openaiHeaders, openaiStatus, providerError } from '../openai-errors.js';
import { isPinned } from '../recovery.js';

const OVERLOADED = 529;

/** By status. Source: Anthropic's list of errors; what it does not list is the request's fault below 500. */
const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  [OVERLOADED]: 'overloaded_error',
};
const CONTEXT_WINDOW = /context[ _](?:window|length)/i;
/** The words by which Claude Code knows that it has to fold its conversation. */
const TOO_LONG = 'prompt is too long';

const statusOf = (error: GatewayError): number =>
  error.code === 'server_is_overloaded' ? OVERLOADED : openaiStatus(error);

const typeOf = (status: number): string => TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');

function messageOf(error: GatewayError): string {
  const message = providerError(error)?.message ?? error.message;
  const isTooLong = error.detail.upstreamCode === 'context_length_exceeded' || CONTEXT_WINDOW.test(message);
  return isTooLong && error.code === 'upstream_refused' ? `${TOO_LONG}: ${message}` : message;
}

/** The code is no part of Anthropic's form; clients that can recover from it know it by that. */
const codeOf = (error: GatewayError): Fields => (isPinned(error) ? { code: error.code } : {});

const bodyOf = (error: GatewayError): Fields => ({
  type: 'error',
  error: { type: typeOf(statusOf(error)), message: messageOf(error), ...codeOf(error) },
});

/** SDKs try again after a 429: nothing is won before the quota is back. */
const retryHeader = (error: GatewayError): Record<string, string> =>
  error.code === 'usage_limit_reached' || error.code === 'upstream_quota_exhausted'
    ? { 'x-should-retry': 'false' }
    : {};

/** How Anthropic's clients learn of a failure. */
export const anthropicDialect: Dialect = {
  name: 'anthropic-messages',

  renderError(error: GatewayError, _nowMs: number, requestId?: string): RenderedError {
    const named = requestId === undefined ? {} : { request_id: requestId };
    return {
      status: statusOf(error),
      headers: {
        ...openaiHeaders(error),
        ...retryHeader(error),
        ...(requestId === undefined ? {} : { 'request-id': requestId }),
      },
      body: { ...bodyOf(error), ...named },
    };
  },

  renderStreamError: (error: GatewayError): string => sseFrame('error', bodyOf(error)),
};
