import type { IncomingHttpHeaders } from 'node:http';
import type { CallId, RoutedCall } from '../core/index.js';

/** What the request was, apart from its body. */
export interface Received {
  readonly id: CallId;
  readonly transport: RoutedCall['transport'];
  readonly requestId: string;
  readonly receivedAtMs: number;
  readonly route: string;
  readonly headers: IncomingHttpHeaders;
}
