import { asFields, asFieldsList, asText, type Fields } from '../../core/index.js';
import type { WantedResponse } from '../translation/responses-body.js';

/** What a request costs: the texts that are counted, and the tokens of what is none. */
export interface Countable {
  readonly texts: readonly string[];
  readonly tokens: number;
}

/** Of a message, a call or a tool: who speaks, and where it begins and ends. */
const BORDER_TOKENS = 4;
/** Of a picture, as models see one of middling size; its bytes do not matter. */
const IMAGE_TOKENS = 765;
/** What is known of encrypted reasoning: three bytes of four, without its frame, are text. Source: codex-rs. */
const FRAME_BYTES = 650;
const BYTES_PER_TOKEN = 4;

/** Everything that the model would read, each once, in the form in which it is sent. */
export function countable({ instructions = '', input, fields }: WantedResponse): Countable {
  const items = asFieldsList(input);
  const tools = asFieldsList(fields['tools']);
  const format = asFields(asFields(fields['text'])?.['format'])?.['schema'];
  const parts = items.flatMap((item) => asFieldsList(item['content']));
  const texts = [
    instructions,
    ...tools.map((tool) => JSON.stringify(tool)),
    ...(format === undefined ? [] : [JSON.stringify(format)]),
    ...parts.flatMap((part) => asText(part['text']) ?? []),
    ...items.flatMap(textsOf),
  ];
  const pictures = parts.filter(({ type }) => type === 'input_image').length;
  const reasoning = items.reduce((sum, item) => sum + reasoningTokens(item), 0);
  return {
    texts,
    tokens: BORDER_TOKENS * (items.length + tools.length + 1) + IMAGE_TOKENS * pictures + reasoning,
  };
}

const textsOf = (item: Fields): readonly string[] =>
  ['name', 'arguments', 'output'].flatMap((name) => asText(item[name]) ?? []);

function reasoningTokens({ encrypted_content: content }: Fields): number {
  if (typeof content !== 'string') return 0;
  return Math.ceil(Math.max(0, (content.length * 3) / 4 - FRAME_BYTES) / BYTES_PER_TOKEN);
}
