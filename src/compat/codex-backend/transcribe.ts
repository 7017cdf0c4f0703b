import { CallBody, type RoutedCall } from '../../core/index.js';
import type { Form } from '../../platform/http/index.js';
import type { Received } from '../received.js';
import { TRANSCRIBER, transcriptionForm, transcriptionIn } from '../transcription-form.js';
import { plainCall } from './plain-call.js';

/**
 * A transcription as a routed call: the form is built anew from the parts that the upstream knows.
 *
 * @param boundary of the new form; must not occur in the file
 * @throws GatewayError `invalid_request` without a file
 */
export function decodeTranscription(form: Form, boundary: string, received: Received): RoutedCall {
  const { contentType, bytes } = transcriptionForm(transcriptionIn(form), boundary);
  return plainCall(received, { operation: 'transcribe', model: TRANSCRIBER, contentType, body: new CallBody(bytes) });
}
