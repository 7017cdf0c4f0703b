import { isUtf8 } from 'node:buffer';
import { CallBody, GatewayError, type RoutedCall } from '../../core/index.js';
import { isJsonMedia, parseJsonObject } from '../../platform/http/index.js';
import type { Received } from '../received.js';
import { plainCall } from './plain-call.js';

const SDP_MEDIA = /^\s*application\/sdp\s*(;|$)/i;

/**
 * A realtime call as a routed call: an SDP offer by itself, or in JSON beside what the session should be. Its bytes and
 * its type go on as they came; nobody but the upstream reads the offer. Source: runtime contract §7.6.
 *
 * @throws GatewayError `unsupported_media_type`, `invalid_request`
 */
export function decodeRealtimeCall(bytes: Buffer, received: Received): RoutedCall {
  const contentType = received.headers['content-type'] ?? '';
  const json = isJsonMedia(contentType);
  if (!json && !SDP_MEDIA.test(contentType)) {
    throw new GatewayError('unsupported_media_type', 'Send the offer as application/sdp or application/json.');
  }
  const model = json ? modelOf(parseJsonObject(bytes)) : '';
  if (bytes.length === 0 || !isUtf8(bytes)) throw noOffer();
  return plainCall(received, { operation: 'realtime_calls', model, contentType, body: new CallBody(bytes) });
}

/** The model of the session that is asked for; `''` when the upstream is to choose. */
function modelOf({ sdp, session }: Record<string, unknown>): string {
  if (typeof sdp !== 'string' || sdp.trim() === '') throw noOffer();
  const model = typeof session === 'object' && session !== null && 'model' in session ? session.model : undefined;
  return typeof model === 'string' ? model.trim() : '';
}

const noOffer = (): GatewayError => new GatewayError('invalid_request', 'sdp is required', { param: 'sdp' });
