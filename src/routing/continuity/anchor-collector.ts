import { anchorDigest, asFields, asFieldsList, asText, sealedContent, type ResponseEvent } from '../../core/index.js';

/** Events whose JSON is read anyway, for what they say of the end. */
const ENDS: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete', 'response.done']);
const ITEM = 'response.output_item.done';
const TELLING: ReadonlySet<string> = new Set([ITEM, '', ...ENDS]);
/** What a request can go on from is among the newest; an answer with more is none of a model. */
const MOST_SEALED = 64;
const NAME = Buffer.from('"encrypted_content"');

const QUOTE = 0x22;
const ESCAPE = 0x5c;
const COLON = 0x3a;
const BLANKS: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Digests as `anchorDigest` makes them. */
interface Found {
  readonly sealed: readonly string[];
  readonly response?: string;
}

/**
 * What an answer gives that later requests may go on from: its own id, and what is sealed in its items. Nothing is parsed
 * for that: an item is looked at in its bytes, and only when it is finished.
 */
export class AnchorCollector {
  private readonly found = new Set<string>();
  private sealed = 0;

  /** Digests of all that came, in their order. */
  get anchors(): readonly string[] {
    return [...this.found];
  }

  /** @returns what the event adds; undefined for most */
  saw(event: ResponseEvent): Found | undefined {
    if (!TELLING.has(event.type)) return undefined;
    const sealed = this.sealedIn(event).filter((digest) => this.isNew(digest));
    this.sealed += sealed.length;
    const id = responseId(event);
    const response = id === undefined ? undefined : anchorDigest(id);
    return { sealed, ...(response !== undefined && this.isNew(response) ? { response } : {}) };
  }

  private sealedIn(event: ResponseEvent): readonly string[] {
    if (this.sealed >= MOST_SEALED) return [];
    if (event.type === ITEM) return sealedBytes(event.raw).map(anchorDigest);
    if (event.type !== '') return [];
    const items = asFieldsList(asFields(event.json())?.['output']);
    return items.flatMap((item) => sealedContent(item) ?? []).map(({ content }) => anchorDigest(content));
  }

  private isNew(digest: string): boolean {
    if (this.found.has(digest)) return false;
    this.found.add(digest);
    return true;
  }
}

function responseId(event: ResponseEvent): string | undefined {
  if (event.type === '') return asText(asFields(event.json())?.['id']);
  return ENDS.has(event.type) ? asText(asFields(asFields(event.json())?.['response'])?.['id']) : undefined;
}

/**
 * Every value of a member `encrypted_content` that is a string without escapes, which is what base64 is. The name between
 * its quotes cannot be part of another string: there its quotes would be escaped.
 */
function sealedBytes(raw: Buffer): readonly Buffer[] {
  const values: Buffer[] = [];
  for (let at = raw.indexOf(NAME); at >= 0; at = raw.indexOf(NAME, at + NAME.length)) {
    const value = stringAt(raw, at + NAME.length);
    if (value !== undefined && value.length > 0) values.push(value);
  }
  return values;
}

function stringAt(raw: Buffer, afterName: number): Buffer | undefined {
  const colon = afterBlanks(raw, afterName);
  if (raw[colon] !== COLON) return undefined;
  const opening = afterBlanks(raw, colon + 1);
  if (raw[opening] !== QUOTE) return undefined;
  const closing = raw.indexOf(QUOTE, opening + 1);
  if (closing < 0) return undefined;
  const value = raw.subarray(opening + 1, closing);
  return value.includes(ESCAPE) ? undefined : value;
}

function afterBlanks(raw: Buffer, from: number): number {
  let at = from;
  while (BLANKS.has(raw[at])) at += 1;
  return at;
}
