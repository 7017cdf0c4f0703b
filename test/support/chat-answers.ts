import { collect, type Fields } from '../../src/core/index.js';
import type { ChatCall } from '../../src/compat/openai-chat/chat-shape.js';
import { encodeBody } from '../../src/compat/openai-chat/encode-body.js';
import { encodeStream } from '../../src/compat/openai-chat/encode-stream.js';
import type { AnswerPart } from '../../src/exchange/index.js';
import { answered } from './answered.js';

export const CALL: ChatCall = {
  model: 'gpt-5.4',
  choices: 1,
  stops: [],
  includesUsage: false,
  legacyFunctions: false,
  callId: '11111111-2222-3333-4444-555555555555',
  receivedAtMs: 1_700_000_000_500,
  tellsResponseId: false,
};
const usage = {
  input_tokens: 12,
  input_tokens_details: { cached_tokens: 4 },
  output_tokens: 7,
  output_tokens_details: { reasoning_tokens: 2 },
  total_tokens: 19,
};
export const USAGE = {
  prompt_tokens: 12,
  completion_tokens: 7,
  total_tokens: 19,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};
export const RESPONSE = { id: 'resp_1', created_at: 1_760_000_000, model: 'gpt-5.4-2026' };
export const created = { type: 'response.created', response: RESPONSE };
export const text = (delta: string, at = 0) => ({ type: 'response.output_text.delta', output_index: at, delta });
export const completed = (over: object = {}) => ({
  type: 'response.completed',
  response: { ...RESPONSE, status: 'completed', output: [], usage, ...over },
});
export const incomplete = (reason: string) => ({
  type: 'response.incomplete',
  response: { ...RESPONSE, status: 'incomplete', incomplete_details: { reason }, usage },
});
export const summary = (delta: string, at = 0) => ({
  type: 'response.reasoning_summary_text.delta',
  output_index: at,
  summary_index: 0,
  delta,
});
export const raw = (delta: string, at = 0) => ({ type: 'response.reasoning_text.delta', output_index: at, delta });
export const called = (at: number, over: object = {}) => ({
  type: 'response.output_item.added',
  output_index: at,
  item: { type: 'function_call', id: `fc_${at}`, call_id: `call_${at}`, name: 'f', arguments: '', ...over },
});
export const args = (at: number, delta: string) => ({
  type: 'response.function_call_arguments.delta',
  output_index: at,
  item_id: `fc_${at}`,
  delta,
});
export const calledWhole = (at: number, over: object = {}) => ({
  ...called(at, { arguments: '{"x":1}', ...over }),
  type: 'response.output_item.done',
});
export const patch = (input: string) => ({
  type: 'custom_tool_call',
  id: 'ctc_0',
  call_id: 'call_c',
  name: 'patch',
  input,
});

export const ignored = () => Promise.resolve();

export interface Chunk extends Fields {
  readonly id: string;
  readonly choices: readonly { index: number; delta: Fields; finish_reason: string | null }[];
}

export const streamed = async (parts: AsyncIterable<AnswerPart>, over: Partial<ChatCall> = {}) =>
  collect(encodeStream(parts, { ...CALL, ...over }, ignored));
export const chunksOf = (frames: readonly string[]) =>
  frames
    .filter((frame) => frame !== 'data: [DONE]\n\n')
    .map((frame) => JSON.parse(frame.slice('data: '.length)) as Chunk);
/** What each chunk's first choice says. */
export const told = async (events: readonly object[], over: Partial<ChatCall> = {}) => {
  const chunks = chunksOf(await streamed(answered(...events), over));
  return chunks.flatMap(({ choices: [first] }) => (first ? [[first.delta, first.finish_reason]] : []));
};
export const whole = (events: readonly object[], over: Partial<ChatCall> = {}) =>
  encodeBody(answered(...events), { ...CALL, ...over }, ignored);
export const choiceOf = async (events: readonly object[], over: Partial<ChatCall> = {}) => {
  const { choices } = (await whole(events, over)) as { choices: [{ message: Fields; finish_reason: string }] };
  const [{ message, finish_reason: reason }] = choices;
  const { role: _, ...said } = message;
  return [said, reason];
};
