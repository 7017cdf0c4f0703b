import type { Operation } from '../../control/index.js';
import { GatewayError, type RenderedError } from '../../core/index.js';
import type { IngressStep } from '../../platform/http/index.js';
import { API_PAGES, API_ROOT, isApiPath } from './api-path.js';
import { refused } from './operator-dialect.js';
import { routeOf } from './route-of.js';

/** For these there are routes, which say what a path answers to once it is known who asks. */
const ROUTED = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const READ = ['GET', 'HEAD'];

/** Answers to methods that no route below `/api` has, such as TRACE, and to those that its pages do not have. */
export const methodsStep =
  (operations: readonly Operation[]): IngressStep =>
  ({ method, path }) => {
    if (!isApiPath(path)) return undefined;
    if (API_PAGES.includes(path)) return READ.includes(method) ? undefined : notAllowed(READ);
    if (ROUTED.includes(method)) return undefined;
    const routed = routeOf(operations, method, path.slice(API_ROOT.length));
    return routed && 'allowed' in routed ? notAllowed(routed.allowed) : undefined;
  };

function notAllowed(allowed: readonly string[]): RenderedError {
  const error = new GatewayError('method_not_allowed', 'This path does not answer to this method.');
  const { status, headers, body } = refused(error);
  return { status, headers: { ...headers, allow: allowed.join(', ') }, body };
}
