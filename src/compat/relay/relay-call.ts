import type { IncomingHttpHeaders } from 'node:http';
import { CallBody, type RoutedCall } from '../../core/index.js';
import type { Received } from '../received.js';
import { sessionOf } from '../session-name.js';
import { relayPath } from './relay-path.js';

/** A request that the gateway has no route for. */
export interface Relayed {
  readonly method: string;
  /** Decoded once. */
  readonly path: string;
  /** As the client sent it, from its `?` on; `''` without one. */
  readonly query: string;
  readonly body: Buffer;
}

/** What goes on of a client's headers, beside the type of its body. Source: seed-features P1. */
const ALLOWED = [
  'accept',
  'idempotency-key',
  'openai-beta',
  'openai-organization',
  'openai-project',
  'openai-version',
] as const;

/** @throws GatewayError `invalid_request` for a path that could lead anywhere else */
export function relayCall({ method, path, query, body }: Relayed, received: Received): RoutedCall {
  const contentType = received.headers['content-type'];
  const session = sessionOf(received.headers);
  return {
    id: received.id,
    requestId: received.requestId,
    receivedAtMs: received.receivedAtMs,
    dialect: 'relay',
    operation: 'relay',
    transport: received.transport,
    route: received.route,
    target: { method, path: relayPath(path) + query },
    model: '',
    stream: false,
    headers: allowedHeaders(received.headers),
    body: new CallBody(body),
    ...(contentType === undefined ? {} : { contentType }),
    ...(session === undefined ? {} : { session }),
  };
}

const allowedHeaders = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    ALLOWED.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
