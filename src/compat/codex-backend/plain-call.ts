import type { RoutedCall } from '../../core/index.js';
import { sessionOf } from '../session-name.js';
import { clientHeaders } from './client-headers.js';
import type { Received } from '../received.js';

/** What one operation's request says beyond what all of them do. */
type Own = Pick<RoutedCall, 'operation' | 'model' | 'body'> &
  Partial<Pick<RoutedCall, 'askedEffort' | 'contentType' | 'maxOutputTokens' | 'session'>>;

/** A native request with one whole answer as a routed call. */
export function plainCall(received: Received, own: Own): RoutedCall {
  const session = sessionOf(received.headers) ?? own.session;
  return {
    id: received.id,
    requestId: received.requestId,
    receivedAtMs: received.receivedAtMs,
    dialect: 'codex-backend',
    transport: received.transport,
    route: received.route,
    stream: false,
    headers: clientHeaders(received.headers),
    ...own,
    ...(session === undefined ? {} : { session }),
  };
}
