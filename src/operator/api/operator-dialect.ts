import type { ControlError } from '../../control/index.js';
import type { Dialect, GatewayError, RenderedError } from '../../core/index.js';
import { PROBLEM_TYPE, problemOf } from './problem.js';

/** A refusal as it goes out: RFC 9457, in no cache, and with what its status owes. */
export function refused(
  error: ControlError | GatewayError,
  requestId?: string,
): RenderedError & { readonly body: string } {
  const waitMs = 'detail' in error ? error.detail.retryAfterMs : undefined;
  return {
    status: error.status,
    headers: {
      'content-type': PROBLEM_TYPE,
      'cache-control': 'no-store',
      ...(error.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(waitMs === undefined ? {} : { 'retry-after': String(Math.ceil(waitMs / 1_000)) }),
    },
    body: JSON.stringify(problemOf(error, requestId)),
  };
}

/** Errors below `/api`, of the framework and the steps before a route as well. Nothing is streamed there as events. */
export const operatorDialect: Dialect = {
  name: 'operator',
  renderError: (error, _nowMs, requestId) => refused(error, requestId),
  renderStreamError: () => '',
};
