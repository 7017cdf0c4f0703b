import { asText, type Fields } from '../../core/index.js';
import { blocksOf, textOf, unknownBlock, type Block } from './content-blocks.js';
import { imagePart } from './image-part.js';
import { labelledText } from './labelled-text.js';

/** For a result that does not say which call it is of. */
const UNNAMED_CALL = 'unknown';

/**
 * A user message as input items. Results of tools split it: what stands before them is a message of its own, then the
 * outputs, then their pictures, then the rest.
 *
 * @throws GatewayError `invalid_request` with the path of what is wrong
 */
export function userItems(content: unknown, path: string): readonly Fields[] {
  const items: Fields[] = [];
  let parts = new MessageParts();
  let pictures = new MessageParts();
  const endMessage = (): void => {
    items.push(...pictures.message('user', 'input_text'), ...parts.message('user', 'input_text'));
    [parts, pictures] = [new MessageParts(), new MessageParts()];
  };
  for (const block of blocksOf(content, path)) {
    if (block.type !== 'tool_result') {
      addTo(parts, block);
      continue;
    }
    if (!parts.isEmpty) endMessage();
    const result = resultOf(block);
    items.push(result.output);
    for (const picture of result.pictures) pictures.add(picture);
  }
  endMessage();
  return items;
}

/** Parts of one message: texts that follow each other are one. */
export class MessageParts {
  private readonly parts: (string | Fields)[] = [];

  get isEmpty(): boolean {
    return this.parts.length === 0;
  }

  /** @param part a text, or a part as the backend takes it */
  add(part: string | Fields): void {
    if (part === '') return;
    const last = this.parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') this.parts[this.parts.length - 1] = last + part;
    else this.parts.push(part);
  }

  /** [] when there is nothing to say. */
  message(role: string, textType: 'input_text' | 'output_text'): readonly Fields[] {
    if (this.isEmpty) return [];
    const content = this.parts.map((part) => (typeof part === 'string' ? { type: textType, text: part } : part));
    return [{ type: 'message', role, content }];
  }
}

function addTo(parts: MessageParts, block: Block): void {
  if (block.type === 'text') return parts.add(textOf(block));
  if (block.type === 'image') return parts.add(imagePart(block));
  parts.add(labelledText(block) ?? unknownBlock(block));
}

function resultOf({ fields, path }: Block): { readonly output: Fields; readonly pictures: readonly Fields[] } {
  const { content = '', tool_use_id: id, is_error: isError } = fields;
  const blocks = blocksOf(content ?? '', `${path}.content`);
  const text = blocks
    .filter(({ type }) => type !== 'image')
    .map((block) => (block.type === 'text' ? textOf(block) : (labelledText(block) ?? unknownBlock(block))))
    .join('');
  return {
    output: {
      type: 'function_call_output',
      call_id: asText(id) ?? UNNAMED_CALL,
      output: isError === true ? `Error (is_error): ${text}` : text,
    },
    pictures: blocks.filter(({ type }) => type === 'image').map(imagePart),
  };
}
