import { GatewayError } from '../core/index.js';
import type { IngressRequest } from '../platform/http/index.js';
import { surfaceOf } from './surface.js';

const ANTHROPIC = /^\/v1\/messages(?:\/|$)/;
const SCHEME = /^bearer /i;

/**
 * How a request says who calls, as an `authorization` header. Clients of Anthropic send their key as `x-api-key`, as a
 * bearer token, or as both; nobody else's `x-api-key` is looked at. Below `/v1` the scheme may be in any case
 * (seed-features E2); Codex clients send it in one (contract §3.1).
 *
 * @throws GatewayError `api_key_missing` when both are there and name two keys
 */
export function authorizationOf({ path, headers }: Pick<IngressRequest, 'path' | 'headers'>): string | undefined {
  const { 'x-api-key': key } = headers;
  const authorization =
    surfaceOf(path) === 'public' ? headers.authorization?.replace(SCHEME, 'Bearer ') : headers.authorization;
  if (typeof key !== 'string' || key === '' || !ANTHROPIC.test(path)) return authorization;
  const asBearer = `Bearer ${key}`;
  if (authorization === undefined || authorization === asBearer) return asBearer;
  throw new GatewayError('api_key_missing', 'authorization and x-api-key are not the same Pool API key.');
}
