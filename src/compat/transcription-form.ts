import { GatewayError } from '../core/index.js';
import type { Form, FormFile, FormLimits } from '../platform/http/index.js';

/** The only model that transcribes, whatever a client names. */
export const TRANSCRIBER = 'gpt-4o-transcribe';

export const AUDIO_LIMITS: Omit<FormLimits, 'idleMs'> = {
  file: 'file',
  fileBytes: 26_214_400,
  restBytes: 1024 * 1024,
  parts: 1_000,
};

/** Header-safe; a type that is none is not worth sending. */
const MEDIA_TYPE = /^[\x20-\x7e]{1,200}$/;

/** Lists, by either spelling; the upstream takes the one with brackets. */
const LISTS: Readonly<Record<string, string | undefined>> = {
  keywords: 'keywords[]',
  'keywords[]': 'keywords[]',
  languages: 'languages[]',
  'languages[]': 'languages[]',
};

/** What an upstream is asked to transcribe. */
export interface Transcription {
  readonly file: FormFile;
  readonly prompt?: string;
  /** In order, by the upstream's names. */
  readonly lists: readonly (readonly [name: string, value: string])[];
}

/** What a form asks for; fields that the upstream does not know are not in it. @throws GatewayError without a file */
export function transcriptionIn({ file, fields }: Form): Transcription {
  if (!file || file.bytes.length === 0) {
    throw new GatewayError('invalid_request', 'file is required', { param: AUDIO_LIMITS.file });
  }
  const prompt = fields.find(([name]) => name === 'prompt')?.[1];
  const lists = fields.flatMap(([name, value]): [string, string][] => {
    const list = LISTS[name];
    return list === undefined || value.trim() === '' ? [] : [[list, value]];
  });
  return { file, lists, ...(prompt === undefined ? {} : { prompt }) };
}

/**
 * The form that goes upstream, built anew. The file goes without the name that its owner gave it. Source: runtime contract
 * §11.2.
 *
 * @param boundary must not occur in the file
 */
export function transcriptionForm(
  { file, prompt, lists }: Transcription,
  boundary: string,
): { readonly contentType: string; readonly bytes: Buffer } {
  const type = MEDIA_TYPE.test(file.contentType ?? '') ? file.contentType : 'application/octet-stream';
  const fields = [...(prompt === undefined ? [] : [['prompt', prompt] as const]), ...lists];
  const bytes = Buffer.concat([
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="audio.wav"\r\n`),
    Buffer.from(`content-type: ${type}\r\n\r\n`),
    file.bytes,
    ...fields.map(([name, value]) =>
      Buffer.from(`\r\n--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}`),
    ),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { contentType: `multipart/form-data; boundary=${boundary}`, bytes };
}
