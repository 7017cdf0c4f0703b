import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { CallId } from '../core/index.js';
import type { Received } from './file-call.js';

/** A request about files that just came in. Its route is the one declared: the ids in a path belong to the provider. */
export const receivedOf = (request: FastifyRequest, dialect: string): Received => ({
  id: randomUUID() as CallId,
  requestId: request.id,
  receivedAtMs: Date.now(),
  route: request.routeOptions.url ?? '',
  dialect,
  headers: request.headers,
});
