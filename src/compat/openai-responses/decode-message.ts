import { asFields, type Fields } from '../../core/index.js';
import { decodeAssistant } from './decode-assistant.js';
import { inputParts, textParts, toolOutput } from './decode-content.js';
import { ANY_ITEM, PASSTHROUGH, wrong } from './item-shape.js';

/**
 * A message as the backend takes it, and what clients fold into one: calls, and what they gave back.
 *
 * @param path where it stands, e.g. `input[3]`
 * @throws GatewayError with param `input`
 */
export function decodeMessage(item: Fields, path: string): readonly Fields[] {
  const role = item['role'] ?? 'user';
  if (role === 'assistant') return decodeAssistant(item, path);
  if (item['phase'] !== undefined && item['phase'] !== null) throw wrong(`${path}.phase is the assistant's alone`);
  if (role === 'user')
    return [message(item, role, nonEmpty(inputParts(item['content'], `${path}.content`), path), path)];
  if (role === 'developer') return [message(item, role, textsOf(item, path), path)];
  if (role === 'system') return systemMessages(item, path);
  if (role === 'tool') return [toolMessage(item, path)];
  throw wrong(`${path}.role must be one of user, assistant, system, developer, tool`);
}

/** What has to stay in its place because the prompt's cache may end there stays, as the developer's. */
function systemMessages(item: Fields, path: string): readonly Fields[] {
  const parts = textParts(item['content'], `${path}.content`);
  const staying = parts.filter(({ isBreakpoint }) => isBreakpoint);
  const rising = parts.filter(({ isBreakpoint }) => !isBreakpoint);
  return [
    ...(rising.length === 0 ? [] : [message(item, 'system', rising.map(asInput), path)]),
    ...(staying.length === 0 ? [] : [message(item, 'developer', staying.map(asInput), path)]),
  ];
}

function textsOf(item: Fields, path: string): readonly Fields[] {
  return nonEmpty(textParts(item['content'], `${path}.content`).map(asInput), path);
}

const asInput = ({ text }: { readonly text: string }): Fields => ({ type: 'input_text', text });

function message(item: Fields, role: string, content: readonly Fields[], path: string): Fields {
  const passthrough = item[PASSTHROUGH] ?? undefined;
  if (passthrough === undefined) return { type: 'message', role, content };
  if (ANY_ITEM[PASSTHROUGH]?.(passthrough) !== true) throw wrong(`${path}.${PASSTHROUGH} is not valid`);
  return { type: 'message', role, content, [PASSTHROUGH]: passthrough };
}

function toolMessage(item: Fields, path: string): Fields {
  const id = item['tool_call_id'] ?? item['call_id'];
  if (typeof id !== 'string' || id.trim() === '') throw wrong(`${path}.tool_call_id is required`);
  return {
    type: 'function_call_output',
    call_id: id,
    output: toolOutput(item['content'] ?? '', `${path}.content`),
    ...(asFields(item['metadata']) === undefined ? {} : { metadata: item['metadata'] }),
  };
}

function nonEmpty(parts: readonly Fields[], path: string): readonly Fields[] {
  if (parts.length === 0) throw wrong(`${path}.content must not be empty`);
  return parts;
}
