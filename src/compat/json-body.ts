import type { FastifyRequest } from 'fastify';
import { parseJsonObject, requireJson } from '../platform/http/index.js';

/** A request's JSON object, and the bytes that it was parsed from. */
export interface JsonBody {
  readonly bytes: Buffer;
  readonly object: Record<string, unknown>;
}

const NOTHING = Buffer.alloc(0);

/** @throws GatewayError `invalid_request`; a request without a body is `{}`, whatever its content type */
export function jsonBody(request: Pick<FastifyRequest, 'body' | 'headers'>): JsonBody {
  const bytes = Buffer.isBuffer(request.body) ? request.body : NOTHING;
  if (bytes.length > 0) requireJson(request.headers['content-type']);
  return { bytes, object: parseJsonObject(bytes) };
}
