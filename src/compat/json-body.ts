import type { FastifyRequest } from 'fastify';
import { parseJsonObject, requireJson } from '../platform/http/index.js';
import { requireShallow } from './translation/nesting.js';

/** A request's JSON object, and the bytes that it was parsed from. */
export interface JsonBody {
  readonly bytes: Buffer;
  readonly object: Record<string, unknown>;
}

const NOTHING = Buffer.alloc(0);

/**
 * Takes the body out of the request, which lives as long as its answer: a long stream is not to keep it.
 *
 * @throws GatewayError `invalid_request`; a request without a body is `{}`, whatever its content type
 */
export function jsonBody(request: Pick<FastifyRequest, 'body' | 'headers'>): JsonBody {
  const bytes = Buffer.isBuffer(request.body) ? request.body : NOTHING;
  request.body = undefined;
  if (bytes.length > 0) requireJson(request.headers['content-type']);
  return { bytes, object: parseJsonObject(bytes) };
}

/**
 * The JSON object of a request that is written anew in another protocol.
 *
 * @throws GatewayError `invalid_request`, also for JSON that is nested without end
 */
export function translatedBody(request: Pick<FastifyRequest, 'body' | 'headers'>): JsonBody['object'] {
  const { object } = jsonBody(request);
  requireShallow(object);
  return object;
}
