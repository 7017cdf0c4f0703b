import { asFields, asText, type Fields } from '../../core/index.js';
import { audioPart } from '../translation/checks/audio.js';
import { invalid } from '../translation/checks/invalid.js';
import { requireReadable } from '../translation/checks/media.js';

const TEXTS: ReadonlySet<unknown> = new Set(['text', 'input_text', 'output_text']);
/** What a model thought is no part of what it said, and not the model's own once it was shown. */
const THOUGHTS: ReadonlySet<unknown> = new Set(['thinking', 'redacted_thinking', 'reasoning']);

/** The parts of a content list, each with its name for errors. @throws GatewayError `invalid_request` */
export function partsOf(content: readonly unknown[], param: string): readonly (readonly [part: Fields, at: string])[] {
  return content.map((given, index) => {
    const at = `${param}.${index}`;
    const part = typeof given === 'string' ? { type: 'text', text: given } : asFields(given);
    if (part === undefined) throw invalid(at, `${at} must be an object`);
    return [part, at];
  });
}

/** Content that can only be text. Parts of it come without a separator (T25). @throws GatewayError `invalid_request` */
export function plainText(content: unknown, param: string): string {
  if (content === undefined || content === null) return '';
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw invalid(param, `${param} must be a string or a list of parts`);
  return partsOf(content, param)
    .map(([part, at]) => textIn(part, at))
    .join('');
}

/** A part of what a user says or a tool gives back, as the backend has it. @throws GatewayError `invalid_request` */
export function inputPart(part: Fields, param: string): Fields {
  const { type } = part;
  if (isText(part)) return { type: 'input_text', text: textIn(part, param) };
  if (type === 'image_url' || type === 'input_image') return imagePart(part);
  if (type === 'file' || type === 'input_file') return filePart(part, param);
  if (type === 'input_audio') return audioPart(part, param);
  throw invalid(param, `${param} is of a type that is not supported here`);
}

/** A part of what a user says. @throws GatewayError also for pictures and files that the backend cannot read */
export function userPart(part: Fields, param: string): Fields {
  const read = inputPart(part, param);
  requireReadable(read, param);
  return read;
}

/** A part of what the model said; `undefined` for what it thought. @throws GatewayError `invalid_request` */
export function outputPart(part: Fields, param: string): Fields | undefined {
  if (THOUGHTS.has(part['type'])) return undefined;
  const text = part['type'] === 'refusal' ? part['refusal'] : textIn(part, param);
  if (typeof text !== 'string') throw invalid(`${param}.refusal`, `${param}.refusal must be a string`);
  return { type: 'output_text', text };
}

export const isText = ({ type, text }: Fields): boolean =>
  TEXTS.has(type) || (type === undefined && typeof text === 'string');

function textIn(part: Fields, param: string): string {
  if (!isText(part)) throw invalid(param, `${param} must be a text part`);
  const { text } = part;
  if (typeof text !== 'string') throw invalid(`${param}.text`, `${param}.text must be a string`);
  return text;
}

/** Address and detail stand in the part itself or one level deeper (T31). Whether it can be read is checked later. */
function imagePart(part: Fields): Fields {
  const nested = asFields(part['image_url']);
  const url = nested?.['url'] ?? part['image_url'];
  const id = asText(part['file_id']) ?? asText(nested?.['file_id']);
  return {
    type: 'input_image',
    ...(typeof url === 'string' ? { image_url: url } : {}),
    ...(id === undefined ? {} : { file_id: id }),
    detail: asText(nested?.['detail']) ?? asText(part['detail']) ?? 'auto',
  };
}

const FILE_FIELDS = ['file_id', 'file_url', 'filename', 'file_data'] as const;

function filePart(part: Fields, param: string): Fields {
  const source = asFields(part['file']) ?? part;
  const said = FILE_FIELDS.flatMap((name) => {
    const value = asText(source[name]);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (!said.some(([name]) => name !== 'filename')) throw invalid(param, `${param} must have a file_id or file_data`);
  return { type: 'input_file', ...Object.fromEntries(said) };
}
