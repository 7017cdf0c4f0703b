import { asFields, type Fields } from '../../core/index.js';
import { checkedList } from '../translation/checks/tools.js';
import { inputParts, toolOutput } from './decode-content.js';
import { decodeMessage } from './decode-message.js';
import { SHAPES } from './item-shapes.js';
import { isNamed, saidIn, wrong } from './item-shape.js';

/**
 * Items that only Codex CLIs send, and what the backend's own tools left behind: they go back as they came, without the
 * id that nobody stored.
 */
const AS_THEY_CAME: ReadonlySet<unknown> = new Set([
  'configuration_update',
  'local_shell_call',
  'local_shell_call_output',
  'tool_search_call',
  'tool_search_output',
  'web_search_call',
]);
/** The same, where the id belongs to the item. */
const UNTOUCHED: ReadonlySet<unknown> = new Set(['agent_message', 'image_generation_call']);

type Decode = (said: Fields, path: string) => readonly Fields[];

/** What becomes of an item whose shape is known; of any other kind: what it said, without its id. */
const DECODED: ReadonlyMap<unknown, Decode> = new Map<unknown, Decode>([
  ['reasoning', reasoning],
  ['compaction', compaction],
  ['compaction_summary', compaction],
  ['function_call', call],
  ['custom_tool_call', call],
  ['function_call_output', functionOutput],
  ['custom_tool_call_output', customOutput],
  ['program', (said) => [said]],
  ['program_output', (said) => [said]],
  ['item_reference', (said) => [said]],
  ['input_file', (said, path) => [{ type: 'message', role: 'user', content: inputParts([said], path) }]],
  ['additional_tools', additionalTools],
]);

/**
 * An input item as the backend takes it: none when it would refuse it and the model does without, several when the
 * client put several into one.
 *
 * @param path where it stands, e.g. `input[3]`
 * @throws GatewayError, for the most part with param `input`
 */
export function decodeItem(item: unknown, path: string): readonly Fields[] {
  const fields = asFields(item);
  if (fields === undefined) throw wrong(`${path} must be an object`);
  const type = fields['type'] ?? 'message';
  if (type === 'message') return decodeMessage(fields, path);
  if (AS_THEY_CAME.has(type)) return [withoutId(fields)];
  if (UNTOUCHED.has(type)) return [fields];
  const shape = SHAPES.get(type);
  if (shape === undefined) throw wrong(`${path}.type is not a supported type of item`);
  const said = saidIn(withCallId(fields), shape, path);
  return DECODED.get(type)?.(said, path) ?? [withoutId(said)];
}

/** Some clients keep what names a call under `id` alone. */
function withCallId(item: Fields): Fields {
  const isCall = item['type'] === 'function_call' || item['type'] === 'custom_tool_call';
  return isCall && !isNamed(item['call_id']) && isNamed(item['id']) ? { ...item, call_id: item['id'] } : item;
}

function withoutId({ id: _id, ...item }: Fields): Fields {
  return item;
}

/** Reasoning that the backend cannot decipher is refused by it (T2, trap 24). */
function reasoning({ id: _id, status: _status, content: _content, ...said }: Fields): readonly Fields[] {
  return isNamed(said['encrypted_content']) ? [{ summary: [], ...said }] : [];
}

function compaction({ created_by: _createdBy, ...said }: Fields): readonly Fields[] {
  return [{ ...said, type: 'compaction' }];
}

/** The SDKs parse the arguments for their user. */
function call({ id: _id, status: _status, parsed_arguments: _parsed, ...said }: Fields): readonly Fields[] {
  return [said];
}

function functionOutput({ id: _id, status: _status, result, ...said }: Fields, path: string): readonly Fields[] {
  const { call_id: callId, name, output = result, ...rest } = said;
  if (output === undefined) throw wrong(`${path}.output is required`);
  if (!isNamed(callId) && !isNamed(name)) throw wrong(`${path}.call_id is required`);
  const named = { ...(isNamed(callId) ? { call_id: callId } : {}), ...(isNamed(name) ? { name } : {}) };
  return [{ ...rest, ...named, output: toolOutput(output, `${path}.output`) }];
}

function customOutput({ id: _id, status: _status, output, ...said }: Fields, path: string): readonly Fields[] {
  return [{ ...said, output: toolOutput(output, `${path}.output`) }];
}

function additionalTools({ id: _id, tools, ...said }: Fields, path: string): readonly Fields[] {
  return [{ ...said, tools: checkedList(tools, `${path}.tools`, { repairs: true }) }];
}
