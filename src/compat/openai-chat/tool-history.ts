import { asFields, asText, type Fields } from '../../core/index.js';
import { invalid } from '../translation/checks/invalid.js';
import { inputPart, isText, partsOf, plainText } from './content-parts.js';

/** A call that an assistant message tells of; `undefined` for one without id or name: nothing can refer to it. */
export function calledTool(call: Fields): Fields | undefined {
  const callId = asText(call['call_id']) ?? asText(call['id']);
  const custom = asFields(call['custom']);
  const called = custom ?? asFields(call['function']) ?? call;
  const name = asText(called['name']);
  if (callId === undefined || name === undefined) return undefined;
  if (custom !== undefined) return { type: 'custom_tool_call', call_id: callId, name, input: asJson(custom['input']) };
  return functionCall(callId, name, called['arguments']);
}

/** A call in the words from before there were tools: the function's name ties it to its result (T15). */
export function calledFunction(call: Fields): Fields | undefined {
  const name = asText(call['name']);
  return name === undefined ? undefined : functionCall(name, name, call['arguments']);
}

/** A call among the parts of a content list, as Cline and others put it. */
export function calledInPart(part: Fields): Fields | undefined {
  const callId = asText(part['toolCallId']);
  const name = asText(part['toolName']);
  if (callId === undefined || name === undefined) return undefined;
  return functionCall(callId, name, part['input'] ?? part['args']);
}

/** @param callId of a call that the conversation told of before, or not */
export const toolResult = (callId: string, output: string | readonly Fields[], isCustom: boolean): Fields => ({
  type: isCustom ? 'custom_tool_call_output' : 'function_call_output',
  call_id: callId,
  output,
});

/** What a tool gave back; text alone becomes one text. @throws GatewayError `invalid_request` */
export function toolOutput(content: unknown, param: string): string | readonly Fields[] {
  if (content === undefined || content === null) return '';
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw invalid(param, `${param} must be a string or a list of parts`);
  const parts = partsOf(content, param);
  if (parts.every(([part]) => isText(part))) return plainText(content, param);
  return parts.map(([part, at]) => withoutDetail(inputPart(part, at)));
}

/** What a result part holds: bare, or labelled with its kind. @throws GatewayError `invalid_request` */
export function partOutput(part: Fields, param: string): string | readonly Fields[] {
  const given = part['output'] ?? part['result'] ?? '';
  const labelled = asFields(given);
  const value = labelled !== undefined && 'value' in labelled ? labelled['value'] : given;
  if (labelled?.['type'] === 'content' || (labelled === undefined && Array.isArray(value))) {
    return toolOutput(value, param);
  }
  return asJson(value);
}

const functionCall = (callId: string, name: string, given: unknown): Fields => ({
  type: 'function_call',
  call_id: callId,
  name,
  arguments: given === undefined || given === null ? '{}' : asJson(given),
});

const asJson = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? ''));

/** The backend refuses it in what tools gave back (trap 29). */
const withoutDetail = ({ detail: _, ...part }: Fields): Fields => part;
