import type { Fields } from '../../core/index.js';

/** As many letters make about one token of English. */
const CHARS_PER_TOKEN = 4;
const TOKENS_PER_FILE = 85;
/** Words of longer texts are not counted one by one. */
const MAX_COUNTED_CHARS = 200_000;
const WORD = /\S+/g;
const MEDIA: ReadonlySet<unknown> = new Set(['input_image', 'input_file', 'image_url', 'file']);
/** Names that say what a thing is, and not what it says. */
const NO_TEXT: ReadonlySet<string> = new Set(['type', 'id', 'call_id', 'status', 'encrypted_content', 'detail']);

/**
 * About how many input tokens a Responses request has: a token for four letters, or one for each word where that is more,
 * and a fixed number for each image or file, whatever its size (T12). Source: seed-features R18.
 *
 * @param before items of the stored conversation that it goes on from
 */
export function inputTokens({ instructions, input, tools, text }: Fields, before: readonly unknown[]): number {
  const told = said([instructions, before, input], false);
  // A schema says much by the names in it.
  const declared = said([tools, text], true);
  const letters = Math.ceil((told.chars + declared.chars) / CHARS_PER_TOKEN);
  return Math.max(letters, told.words + declared.words) + told.files * TOKENS_PER_FILE;
}

interface Said {
  readonly chars: number;
  readonly words: number;
  readonly files: number;
}

/** Walks without recursion: what a client sends may be nested as deep as it likes. */
function said(roots: readonly unknown[], withNames: boolean): Said {
  const waiting: unknown[] = [...roots];
  let [chars, words, files] = [0, 0, 0];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === 'string') {
      words += wordsIn(value, MAX_COUNTED_CHARS - chars);
      chars += value.length;
    } else if (Array.isArray(value)) for (const item of value as unknown[]) waiting.push(item);
    else if (typeof value === 'object' && value !== null) {
      if (isMedia(value as Fields)) files += 1;
      else for (const [name, inner] of Object.entries(value)) if (!NO_TEXT.has(name)) waiting.push(inner);
      if (withNames) waiting.push(...Object.keys(value));
    }
  }
  return { chars, words, files };
}

const isMedia = ({ type }: Fields): boolean => MEDIA.has(type);

/** @param room how many letters may be looked at; of the rest the number of words is taken to be as usual */
function wordsIn(text: string, room: number): number {
  if (text.length <= room) return text.match(WORD)?.length ?? 0;
  return Math.ceil(text.length / (CHARS_PER_TOKEN + 1));
}
