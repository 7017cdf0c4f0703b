/** Byte-level reading of one complete SSE block. Line ends are LF, CRLF or lone CR, in any mix. */

export const LF = 0x0a;
export const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const TAB = 0x09;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A `type` longer than this is not sniffed; the JSON parser may have it. */
const MAX_TYPE_BYTES = 128;

const DATA = Buffer.from('data');
const EVENT = Buffer.from('event');
const TYPE_KEY = Buffer.from('"type"');
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** A loop, because the words are a few bytes long and a native comparison costs more than it saves. */
function startsAt(raw: Buffer, at: number, expected: Buffer): boolean {
  if (at + expected.length > raw.length) return false;
  for (let index = 0; index < expected.length; index += 1) if (raw[at + index] !== expected[index]) return false;
  return true;
}

const afterMark = (raw: Buffer): number => (startsAt(raw, 0, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0);

/** Index of the first CR or LF, or the length. One pass: searching for each separately is quadratic without the other. */
function lineEnd(raw: Buffer, from: number): number {
  let at = from;
  while (at < raw.length && raw[at] !== LF && raw[at] !== CR) at += 1;
  return at;
}

/** Where the value of field `name` begins on this line, or -1 when the line is another field, a comment or blank. */
function valueStart(raw: Buffer, from: number, end: number, name: Buffer): number {
  const colon = from + name.length;
  if (colon > end || !startsAt(raw, from, name)) return -1;
  if (colon === end) return end;
  if (raw[colon] !== COLON) return -1;
  return colon + 1 < end && raw[colon + 1] === SPACE ? colon + 2 : colon + 1;
}

export interface Block {
  /** The last non-blank `event:` value, trimmed. */
  readonly label?: string;
  /** The `data:` values joined with LF; absent when there is no such line. */
  readonly data?: string;
}

/** Both fields that matter here; `id`, `retry`, comments and unknown fields are passed over. */
export function readBlock(raw: Buffer): Block {
  const data: string[] = [];
  let label: string | undefined;
  for (let from = afterMark(raw), end = from; from < raw.length; from = end + 1) {
    end = lineEnd(raw, from);
    const value = valueStart(raw, from, end, DATA);
    if (value !== -1) data.push(raw.toString('utf8', value, end));
    else label = labelAt(raw, from, end) ?? label;
  }
  return { ...(label !== undefined && { label }), ...(data.length > 0 && { data: data.join('\n') }) };
}

/** `readBlock(raw).label` without decoding the data. */
export function readLabel(raw: Buffer): string | undefined {
  let label: string | undefined;
  for (let from = afterMark(raw), end = from; from < raw.length; from = end + 1) {
    end = lineEnd(raw, from);
    label = labelAt(raw, from, end) ?? label;
  }
  return label;
}

function labelAt(raw: Buffer, from: number, end: number): string | undefined {
  const value = valueStart(raw, from, end, EVENT);
  const label = value === -1 ? '' : raw.toString('utf8', value, end).trim();
  return label === '' ? undefined : label;
}

/** Index of the first data value, or -1. */
export function firstDataAt(raw: Buffer): number {
  for (let from = afterMark(raw); from < raw.length;) {
    // The end of a data line is not looked for: it may be megabytes away, and only its beginning matters.
    if (startsAt(raw, from, DATA) && raw[from + DATA.length] === COLON) {
      const value = from + DATA.length + 1;
      return raw[value] === SPACE ? value + 1 : value;
    }
    from = lineEnd(raw, from) + 1;
  }
  return -1;
}

/**
 * The top-level `type` of the JSON object that begins at `from`, when it is the object's first member; `undefined` when
 * that cannot be told without parsing. Never leaves the line: CR and LF are no blanks here.
 */
export function sniffType(raw: Buffer, from: number): string | undefined {
  let at = skipBlanks(raw, from);
  if (raw[at] !== 0x7b) return undefined;
  at = skipBlanks(raw, at + 1);
  if (!startsAt(raw, at, TYPE_KEY)) return undefined;
  at = skipBlanks(raw, at + TYPE_KEY.length);
  if (raw[at] !== COLON) return undefined;
  at = skipBlanks(raw, at + 1);
  if (raw[at] !== QUOTE) return undefined;
  const start = at + 1;
  const end = plainStringEnd(raw, start);
  if (end <= start) return undefined;
  const next = raw[skipBlanks(raw, end + 1)];
  return next === 0x2c || next === 0x7d ? raw.toString('latin1', start, end) : undefined;
}

function skipBlanks(raw: Buffer, from: number): number {
  let at = from;
  while (raw[at] === SPACE || raw[at] === TAB) at += 1;
  return at;
}

/** Index of the closing quote of a printable ASCII string without escapes, or -1. */
function plainStringEnd(raw: Buffer, start: number): number {
  for (let at = start; at < Math.min(raw.length, start + MAX_TYPE_BYTES + 1); at += 1) {
    const byte = raw[at] ?? 0;
    if (byte === QUOTE) return at;
    if (byte < SPACE || byte > 0x7e || byte === BACKSLASH) return -1;
  }
  return -1;
}
