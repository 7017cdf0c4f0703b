import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../../core/index.js';

const JSON_MEDIA = /^\s*(application\/json|[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.-]+\+json)\s*(;|$)/i;

/** `application/json` or any `…+json`, with or without parameters. */
export const isJsonMedia = (contentType: string | undefined): boolean => JSON_MEDIA.test(contentType ?? '');

/** @throws GatewayError `invalid_request` when the content type is none of JSON's */
export function requireJson(contentType: string | undefined): void {
  if (!isJsonMedia(contentType)) {
    throw new GatewayError('invalid_request', 'Send the body as JSON, with content-type: application/json.');
  }
}

/**
 * A body that must be a JSON object. No body at all is `{}`: what is missing from it is for validation to say.
 *
 * @throws GatewayError `invalid_request` for anything else, bytes that are not UTF-8 included
 */
export function parseJsonObject(bytes: Buffer | undefined): Record<string, unknown> {
  if (bytes === undefined || bytes.length === 0) return {};
  const parsed = isUtf8(bytes) ? parse(bytes.toString()) : undefined;
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  throw new GatewayError('invalid_request', 'The request body must be a JSON object.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the parser's message quotes the body
  }
}
