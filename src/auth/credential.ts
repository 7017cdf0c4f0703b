import { GatewayError } from '../core/index.js';
import type { IngressRequest } from '../platform/http/index.js';

const ANTHROPIC = /^\/v1\/messages(?:\/|$)/;

/**
 * How a request says who calls, as an `authorization` header. Clients of Anthropic send their key as `x-api-key`, as a
 * bearer token, or as both; nobody else's `x-api-key` is looked at.
 *
 * @throws GatewayError `api_key_missing` when both are there and name two keys
 */
export function authorizationOf({ path, headers }: Pick<IngressRequest, 'path' | 'headers'>): string | undefined {
  const { authorization, 'x-api-key': key } = headers;
  if (typeof key !== 'string' || key === '' || !ANTHROPIC.test(path)) return authorization;
  const asBearer = `Bearer ${key}`;
  if (authorization === undefined || authorization === asBearer) return asBearer;
  throw new GatewayError('api_key_missing', 'authorization and x-api-key are not the same Pool API key.');
}
