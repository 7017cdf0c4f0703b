import { GatewayError, type AccountAccess, type RoutedCall } from '../../core/index.js';
import { ownIdentity } from './identity.js';
import { wireOf } from './operations.js';
import type { UpstreamRequest } from '../transport/upstream-request.js';
import { credentials, endpoint, type Backend } from './request.js';
import { header, type ReceivedHeaders } from '../transport/received-headers.js';

/** What a relayed answer does not pass on: its connection, its framing, its cookies, and what we say ourselves. */
const KEPT_BACK: ReadonlySet<string> = new Set([
  'alt-svc',
  'connection',
  'content-encoding',
  'content-length',
  'date',
  'keep-alive',
  'location',
  'openai-model',
  'server',
  'set-cookie',
  'set-cookie2',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
  'x-openai-model',
  'x-request-id',
]);
/** Of its network, of who may ask from where, and of one account's limits. */
const KEPT_BACK_FAMILY = /^(?:access-control|cf|chatgpt|proxy|strict-transport|x-codex|x-pooler)-/;

/** A relayed request: the client's method, target and body, its own `accept`, and our name and credentials. */
export function relayRequest(backend: Backend, access: AccountAccess, call: RoutedCall): UpstreamRequest {
  const { accept, path, patience } = wireOf(call);
  const { bytes } = call.body;
  return {
    method: call.target?.method ?? 'GET',
    ...endpoint(backend.baseUrl, path(call)),
    headers: {
      accept,
      ...call.headers,
      ...ownIdentity(backend.clientVersion),
      ...credentials(access),
      'accept-encoding': 'identity',
      ...(call.contentType === undefined ? {} : { 'content-type': call.contentType }),
    },
    ...(bytes.length === 0 ? {} : { body: bytes }),
    patience,
  };
}

/** The headers of a relayed answer that go on beside those of any other. Source: seed-features P2. */
export function relayedHeaders(headers: ReceivedHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.keys(headers).flatMap((name) => {
      const value = KEPT_BACK.has(name) || KEPT_BACK_FAMILY.test(name) ? undefined : header(headers, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * What a relayed request came to is between the client and the path that it chose: no account sits out for it. A 401
 * stays one, because it is worth a token refresh.
 */
export function relayedFailure(thrown: unknown): unknown {
  if (!(thrown instanceof GatewayError) || thrown.detail.upstreamStatus === undefined) return thrown;
  const { message, code, detail } = thrown;
  const { upstreamStatus } = thrown.detail;
  const { resetsAtMs: _, ...rest } = detail;
  const kept = { ...rest, cooldownMs: 0 };
  if (upstreamStatus === 401) return new GatewayError(code, message, kept);
  return upstreamStatus < 400 || upstreamStatus >= 500
    ? new GatewayError('upstream_error', message, kept)
    : new GatewayError('upstream_refused', 'The upstream refused the request.', kept);
}
