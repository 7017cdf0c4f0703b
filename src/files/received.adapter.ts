import type { FastifyRequest } from 'fastify';
import { newCallId } from '../core/index.js';
import type { Received } from './file-call.js';

/** A request about files that just came in. Its route is the one declared: the ids in a path belong to the provider. */
export const receivedOf = (request: FastifyRequest, dialect: string): Received => {
  const nowMs = Date.now();
  return {
    id: newCallId(nowMs),
    requestId: request.id,
    receivedAtMs: nowMs,
    route: request.routeOptions.url ?? '',
    dialect,
    headers: request.headers,
  };
};
