import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { CallId } from '../core/index.js';
import type { Received } from './received.js';

/** An HTTP request that just came in. Its route is the one declared: ids in a path belong to the client. */
export const receivedOf = (request: FastifyRequest): Received => ({
  id: randomUUID() as CallId,
  transport: 'http',
  requestId: request.id,
  receivedAtMs: Date.now(),
  route: request.routeOptions.url ?? '',
  headers: request.headers,
});
