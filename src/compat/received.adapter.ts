import type { FastifyRequest } from 'fastify';
import { newCallId } from '../core/index.js';
import type { Received } from './received.js';

/** An HTTP request that just came in. Its route is the one declared: ids in a path belong to the client. */
export const receivedOf = (request: FastifyRequest): Received => {
  const nowMs = Date.now();
  return {
    id: newCallId(nowMs),
    transport: 'http',
    requestId: request.id,
    receivedAtMs: nowMs,
    route: request.routeOptions.url ?? '',
    headers: request.headers,
  };
};
