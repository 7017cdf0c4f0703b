import { collect, from, SseFramer, type Fields } from '../../src/core/index.js';
import type { AnswerShape } from '../../src/compat/openai-responses/answer-shape.js';
import { encodeStream } from '../../src/compat/openai-responses/encode-stream.js';
import type { AnswerPart } from '../../src/exchange/index.js';
import { answered } from './answered.js';
import { eventsIn } from './calls.js';

/** Of a request that asked for nothing special. */
export const SHAPE: AnswerShape = {
  responseId: 'resp_ours',
  model: 'gpt-5.5',
  createdAt: 1_790_000_000,
  asked: { metadata: {}, parallel_tool_calls: true, tool_choice: 'auto', tools: [] },
  namespaces: new Map([['apply', 'editor']]),
};

export const RESPONSE = { id: 'resp_1', object: 'response', created_at: 1_790_000_001, model: 'gpt-5.5', error: null };

export const created = { type: 'response.created', response: { ...RESPONSE, status: 'in_progress', output: [] } };

export const completed = (over: object = {}) => ({
  type: 'response.completed',
  response: { ...RESPONSE, status: 'completed', output: [], ...over },
});

export const message = (text: string) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [] }],
});

export const delta = (text: string) => ({
  type: 'response.output_text.delta',
  item_id: 'msg_1',
  output_index: 0,
  content_index: 0,
  delta: text,
});

export const item = (kind: 'added' | 'done', given: object, place = 0) => ({
  type: `response.output_item.${kind}`,
  output_index: place,
  item: given,
});

/** An event as an upstream may frame it: without a label. */
export const block = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;

/** An answer whose only batch holds these bytes. */
export function inOneBatch(bytes: string): AsyncIterable<AnswerPart> {
  const batch = new SseFramer().push(Buffer.from(bytes));
  return from<AnswerPart>(batch === undefined ? [] : [{ kind: 'batch', ...batch }]);
}

/** Kept by nobody. */
export const nothing = async (): Promise<void> => undefined;

/** What a client of `/v1/responses` reads of an answer. */
export const publicText = async (parts: AsyncIterable<AnswerPart>, shape = SHAPE): Promise<string> =>
  (await collect(encodeStream(parts, shape, nothing))).join('');

export const publicEvents = async (...events: readonly object[]): Promise<Fields[]> =>
  eventsIn(await publicText(answered(...events)));

export const typesOf = (events: readonly Fields[]): readonly unknown[] => events.map(({ type }) => type);

/** The response of the last event. */
export const lastResponse = (events: readonly Fields[]): Fields => events.at(-1)?.['response'] as Fields;
