import { CallBody, GatewayError, type RoutedCall } from '../../core/index.js';
import type { JsonBody } from '../json-body.js';
import type { Received } from '../received.js';
import { plainCall } from './plain-call.js';

/**
 * An image request of a Codex CLI as a routed call: its bytes are not touched. Source: codex-cli-wire §9.
 *
 * @throws GatewayError `invalid_request` when it names no model
 */
export function decodeImage(
  operation: 'images_generations' | 'images_edits',
  { bytes, object }: JsonBody,
  received: Received,
): RoutedCall {
  const { model } = object;
  if (typeof model !== 'string' || model.trim() === '') {
    throw new GatewayError('invalid_request', 'model must be a non-empty string', { param: 'model' });
  }
  return plainCall(received, { operation, model: model.trim(), body: new CallBody(bytes) });
}
