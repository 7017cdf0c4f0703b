import { asFields, asText, type AccountId, type Fields } from '../../core/index.js';
import { invalid } from '../translation/checks/invalid.js';
import { blocksOf, textOf, unknownBlock, type Block } from './content-blocks.js';
import { MessageParts } from './decode-user.js';
import { labelledText } from './labelled-text.js';
import type { Reasoned } from './sealed-thinking.js';
import type { ToolNames } from './tool-names.js';

export interface Replaying {
  readonly names: ToolNames;
  /** What a thinking block's signature holds; `undefined` when it is not ours. */
  readonly reasoned: (signature: unknown) => Reasoned | undefined;
}

/** An item of a conversation, and whose it is where that matters. */
export interface Replayed {
  readonly item: Fields;
  readonly accountId?: AccountId;
}

/**
 * An assistant message as the items that it was made of. Thinking that is not ours is left out: only who made it could
 * read it, and it must not become something that the model said.
 *
 * @throws GatewayError `invalid_request` with the path of what is wrong
 */
export function assistantItems(content: unknown, path: string, replaying: Replaying): readonly Replayed[] {
  const items: Replayed[] = [];
  let parts = new MessageParts();
  for (const block of blocksOf(content, path)) {
    const text = block.type === 'text' ? textOf(block) : labelledText(block);
    if (text !== undefined) {
      parts.add(text);
      continue;
    }
    items.push(...said(parts), ...itemsOf(block, replaying));
    parts = new MessageParts();
  }
  return [...items, ...said(parts)];
}

const said = (parts: MessageParts): readonly Replayed[] =>
  parts.message('assistant', 'output_text').map((item) => ({ item }));

function itemsOf(block: Block, { names, reasoned }: Replaying): readonly Replayed[] {
  const { type, fields, path } = block;
  if (type === 'thinking') return [reasoned(fields['signature'])].filter((item) => item !== undefined);
  if (type === 'redacted_thinking') return [];
  if (type !== 'tool_use') return unknownBlock(block);
  const [id, name] = [asText(fields['id']), asText(fields['name'])];
  if (id === undefined) throw invalid(`${path}.id`, `${path}.id: must be the id of the call`);
  if (name === undefined) throw invalid(`${path}.name`, `${path}.name: must be the name of a tool`);
  const input = asFields(fields['input']) ?? {};
  return [{ item: { type: 'function_call', call_id: id, name: names.sent(name), arguments: JSON.stringify(input) } }];
}
