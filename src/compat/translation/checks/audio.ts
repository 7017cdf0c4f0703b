import { asFields, type Fields } from '../../../core/index.js';
import { invalid } from './invalid.js';

/** OpenAI's name of a format → the second half of its media type. */
const MEDIA_TYPE: ReadonlyMap<unknown, string> = new Map([
  ['wav', 'wav'],
  ['mp3', 'mpeg'],
  ['m4a', 'mp4'],
  ['webm', 'webm'],
  ['ogg', 'ogg'],
]);
const FORMATS = [...MEDIA_TYPE.keys()].join(', ');
const MAX_DECODED_BYTES = 52_428_800;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const SPACED_BASE64 = /^[A-Za-z0-9+/=\t\n\r ]*$/;
const BLANK = 0x20;
const AUDIO_URL = /^data:audio\/[a-z0-9.+-]+;base64,[A-Za-z0-9+/]/i;

/**
 * An `input_audio` part, OpenAI's `{data, format}` put in the form that the backend reads.
 *
 * @throws GatewayError `invalid_request` with param `input`
 */
export function audioPart(part: Fields, param = 'input'): Fields {
  const url = part['audio_url'];
  if (typeof url === 'string' && AUDIO_URL.test(url)) return { type: 'input_audio', audio_url: url };
  const { data, format } = asFields(part['input_audio']) ?? part;
  const type = MEDIA_TYPE.get(format);
  if (type === undefined) throw invalid(param, `The format of input_audio must be one of ${FORMATS}`);
  return { type: 'input_audio', audio_url: `data:audio/${type};base64,${base64In(data, param)}` };
}

function base64In(data: unknown, param: string): string {
  const base64 = typeof data === 'string' && SPACED_BASE64.test(data) ? withoutSpace(data) : '';
  if (base64 === '' || base64.length % 4 !== 0 || !BASE64.test(base64)) {
    throw invalid(param, 'The data of input_audio must be base64');
  }
  if ((base64.length / 4) * 3 > MAX_DECODED_BYTES) {
    throw invalid(param, `The data of input_audio must be at most ${MAX_DECODED_BYTES} bytes`);
  }
  return base64;
}

/** Byte by byte: a replacement for each of a million blanks would hold up everybody else. */
function withoutSpace(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  let kept = 0;
  for (const byte of bytes) if (byte > BLANK) bytes[kept++] = byte;
  return kept === bytes.length ? text : bytes.toString('latin1', 0, kept);
}
