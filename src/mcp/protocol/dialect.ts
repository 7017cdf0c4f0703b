import type { Dialect, GatewayError, RenderedError } from '../../core/index.js';
import { rendered, RPC } from './json-rpc.js';

/** The path of the endpoint, and whatever is asked for below it. */
export const isMcpPath = (path: string): boolean => /^\/mcp(?:$|[/?]|%2f)/i.test(path);

/** Refusals of who asks or from where, which are about no request in particular. */
const OF_THE_ASKER: readonly number[] = [401, 429];

function rpcCode({ code, status }: GatewayError): number {
  if (code === 'internal') return RPC.internal;
  return status >= 500 || OF_THE_ASKER.includes(status) ? RPC.server : RPC.invalidRequest;
}

/** How the endpoint tells what the gateway itself refuses: before the message is known, so there is no id to name. */
export const mcpDialect: Dialect = {
  name: 'mcp',

  renderError(error: GatewayError): RenderedError {
    const { status, message, detail } = error;
    const wait = detail.retryAfterMs;
    const headers = {
      ...(wait === undefined ? {} : { 'retry-after': String(Math.ceil(wait / 1000)) }),
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    };
    return rendered({ status, code: rpcCode(error), message, headers });
  },

  /** Nothing here is a stream: what was begun is whole. */
  renderStreamError: () => '',
};
