import { CallBody, GatewayError, type RoutedCall } from '../../core/index.js';
import type { Form, FormLimits } from '../../platform/http/index.js';
import type { Received } from './decode.js';
import { plainCall } from './plain-call.js';

/** The only model that transcribes, whatever a client names. */
const MODEL = 'gpt-4o-transcribe';

export const AUDIO_LIMITS: Omit<FormLimits, 'idleMs'> = {
  file: 'file',
  fileBytes: 26_214_400,
  restBytes: 1024 * 1024,
  parts: 1_000,
};

/** Header-safe; a type that is none is not worth sending. */
const MEDIA_TYPE = /^[\x20-\x7e]{1,200}$/;

/** Lists, by either spelling; the upstream takes the one with brackets. */
const LISTS: Readonly<Record<string, string>> = {
  keywords: 'keywords[]',
  'keywords[]': 'keywords[]',
  languages: 'languages[]',
  'languages[]': 'languages[]',
};

/**
 * A transcription as a routed call: the form is built anew from the parts that the upstream knows. The file goes without
 * the name that its owner gave it. Source: runtime contract §11.2.
 *
 * @param boundary of the new form; must not occur in the file
 * @throws GatewayError `invalid_request` without a file
 */
export function decodeTranscription({ file, fields }: Form, boundary: string, received: Received): RoutedCall {
  if (!file || file.bytes.length === 0) {
    throw new GatewayError('invalid_request', 'file is required', { param: AUDIO_LIMITS.file });
  }
  const type = MEDIA_TYPE.test(file.contentType ?? '') ? file.contentType : 'application/octet-stream';
  const prompt = fields.filter(([name]) => name === 'prompt').slice(0, 1);
  const lists = fields.flatMap(([name, value]): [string, string][] => {
    const list = LISTS[name];
    return list === undefined || value.trim() === '' ? [] : [[list, value]];
  });
  const body = Buffer.concat([
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="audio.wav"\r\n`),
    Buffer.from(`content-type: ${type}\r\n\r\n`),
    file.bytes,
    ...[...prompt, ...lists].map(([name, value]) =>
      Buffer.from(`\r\n--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}`),
    ),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  const contentType = `multipart/form-data; boundary=${boundary}`;
  return plainCall(received, { operation: 'transcribe', model: MODEL, contentType, body: new CallBody(body) });
}
