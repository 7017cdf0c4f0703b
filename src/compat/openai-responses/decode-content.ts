import { asFields, asText, type Fields } from '../../core/index.js';
import { audioPart } from '../translation/checks/audio.js';
import { requireReadable } from '../translation/checks/media.js';
import { isNamed, listAt, saidIn, wrong, type Check } from './item-shape.js';

const TEXT: ReadonlySet<unknown> = new Set(['text', 'input_text', 'output_text']);
const BREAKPOINT = 'prompt_cache_breakpoint';

const isAnything: Check = () => true;

/** A part that says where the prompt's cache may end says nothing else than this. */
const CLOSED: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['input_text', ['text']],
  ['input_image', ['image_url', 'file_id', 'detail']],
  ['input_file', ['file_url', 'file_id', 'filename', 'file_data']],
]);

/**
 * What a user or a tool says, in the parts that the backend reads. Where the prompt's cache may end is not told it.
 *
 * @throws GatewayError with param `input`
 */
export function inputParts(content: unknown, path: string): readonly Fields[] {
  if (typeof content === 'string') return [{ type: 'input_text', text: content }];
  return listAt(content, path).map(([part, at]) => inputPart(part, at));
}

/** What a tool gave back: its text, or parts. The size of pictures is not the client's to choose there (trap 29). */
export function toolOutput(output: unknown, path: string): string | readonly Fields[] {
  if (typeof output === 'string') return output;
  return listAt(output, path).map(([part, at]) => {
    if (part['type'] === 'encrypted_content' && isNamed(part['encrypted_content'])) return part;
    const { detail: _size, ...rest } = normalPart(part, at);
    return rest;
  });
}

/** Texts alone: what a system or developer message may hold. @throws GatewayError with param `input` */
export function textParts(content: unknown, path: string): readonly TextPart[] {
  if (typeof content === 'string') return [{ text: content, isBreakpoint: false }];
  return listAt(content, path).map(([part, at]) => {
    const { type, text } = inputPart(part, at);
    if (type !== 'input_text' || typeof text !== 'string') throw wrong(`${at} must be a text`);
    return { text, isBreakpoint: isBreakpoint(part) };
  });
}

export interface TextPart {
  readonly text: string;
  /** Whether the prompt's cache may end here. */
  readonly isBreakpoint: boolean;
}

const isBreakpoint = (part: Fields): boolean => part[BREAKPOINT] !== undefined && part[BREAKPOINT] !== null;

function inputPart(part: Fields, path: string): Fields {
  const normal = normalPart(part, path);
  requireReadable(normal);
  if (isBreakpoint(part)) requireBreakpoint(part, path);
  return normal;
}

function normalPart(part: Fields, path: string): Fields {
  const { type } = part;
  if (TEXT.has(type)) return { type: 'input_text', text: textOf(part, path) };
  if (type === 'input_image' || type === 'image_url') return imagePart(part);
  if (type === 'input_file') return filePart(part, path);
  if (type === 'file') return filePart(asFields(part['file']) ?? {}, path);
  if (type === 'input_audio') return audioPart(part);
  throw wrong(`${path}.type is not a supported type of content`);
}

/** @throws GatewayError with param `input` */
export function textOf({ text }: Fields, path: string): string {
  if (typeof text !== 'string') throw wrong(`${path}.text must be a string`);
  return text;
}

/** The address may be an object, as in chat completions, with the detail in it (T31). */
function imagePart(part: Fields): Fields {
  const wrapped = asFields(part['image_url']);
  const url = wrapped === undefined ? part['image_url'] : wrapped['url'];
  const detail = asText(part['detail']) ?? asText(wrapped?.['detail']);
  const id = asText(part['file_id']);
  return {
    type: 'input_image',
    ...(isSaid(url) ? { image_url: url } : {}),
    ...(id === undefined ? {} : { file_id: id }),
    ...(detail === undefined ? {} : { detail }),
  };
}

function filePart(part: Fields, path: string): Fields {
  const names = ['file_url', 'file_id', 'filename', 'file_data'].filter((name) => isSaid(part[name]));
  if (!names.some((name) => name !== 'filename') || !names.every((name) => isNamed(part[name]))) {
    throw wrong(`${path} must have a file_id, a file_url, or a filename with file_data`);
  }
  return { type: 'input_file', ...Object.fromEntries(names.map((name) => [name, part[name]])) };
}

function requireBreakpoint(part: Fields, path: string): void {
  const names = CLOSED.get(part['type']);
  if (names === undefined) throw wrong(`${path} cannot carry a ${BREAKPOINT}`);
  const optional = Object.fromEntries([...names, BREAKPOINT].map((name) => [name, isAnything]));
  saidIn(part, { required: {}, optional }, path);
  const breakpoint = asFields(part[BREAKPOINT]);
  if (breakpoint?.['mode'] !== 'explicit' || Object.keys(breakpoint).length !== 1) {
    throw wrong(`${path}.${BREAKPOINT} must be {"mode":"explicit"}`);
  }
}

const isSaid = (value: unknown): boolean => value !== undefined && value !== null;
