import type { WireEvent } from './wire-event.js';

/** One output item of an answer: the events that build it, and the item when it is done. */
export interface AnswerPart {
  /** @param key unique within the run and the same on every run, e.g. `000003_0` */
  build(key: string, outputIndex: number): { readonly item: object; readonly events: readonly WireEvent[] };
}

const added = (index: number, item: object): WireEvent => ({
  type: 'response.output_item.added',
  output_index: index,
  item,
});
const done = (index: number, item: object): WireEvent => ({
  type: 'response.output_item.done',
  output_index: index,
  item,
});

/** A text message, one delta for each piece. */
export const message = (pieces: readonly string[], itemId?: string): AnswerPart => ({
  build(key, index) {
    const id = itemId ?? `msg_${key}`;
    const text = pieces.join('');
    const at = { item_id: id, output_index: index, content_index: 0 };
    const part = { type: 'output_text', text, annotations: [], logprobs: [] };
    const item = { id, type: 'message', status: 'completed', role: 'assistant', content: [part] };
    return {
      item,
      events: [
        added(index, { ...item, status: 'in_progress', content: [] }),
        { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
        ...pieces.map((delta) => ({ type: 'response.output_text.delta', ...at, delta, logprobs: [] })),
        { type: 'response.output_text.done', ...at, text, logprobs: [] },
        { type: 'response.content_part.done', ...at, part },
        done(index, item),
      ],
    };
  },
});

/** A reasoning item with a summary and opaque encrypted content. */
export const reasoning = (summary: string): AnswerPart => ({
  build(key, index) {
    const id = `rs_${key}`;
    const at = { item_id: id, output_index: index, summary_index: 0 };
    const part = { type: 'summary_text', text: summary };
    const item = { id, type: 'reasoning', summary: [part], encrypted_content: `gAAAA-simulated-${key}` };
    return {
      item,
      events: [
        added(index, { ...item, summary: [] }),
        { type: 'response.reasoning_summary_part.added', ...at, part: { ...part, text: '' } },
        { type: 'response.reasoning_summary_text.delta', ...at, delta: summary },
        { type: 'response.reasoning_summary_text.done', ...at, text: summary },
        { type: 'response.reasoning_summary_part.done', ...at, part },
        done(index, item),
      ],
    };
  },
});

export const functionCall = (name: string, args: unknown, namespace?: string): AnswerPart => ({
  build(key, index) {
    const id = `fc_${key}`;
    const text = typeof args === 'string' ? args : JSON.stringify(args);
    const place = namespace === undefined ? {} : { namespace };
    const item = {
      id,
      type: 'function_call',
      status: 'completed',
      arguments: text,
      call_id: `call_${key}`,
      name,
      ...place,
    };
    const at = { item_id: id, output_index: index };
    return {
      item,
      events: [
        added(index, { ...item, status: 'in_progress', arguments: '' }),
        { type: 'response.function_call_arguments.delta', ...at, delta: text },
        { type: 'response.function_call_arguments.done', ...at, arguments: text },
        done(index, item),
      ],
    };
  },
});

export const freeformCall = (name: string, input: string): AnswerPart => ({
  build(key, index) {
    const id = `ctc_${key}`;
    const item = { id, type: 'custom_tool_call', status: 'completed', call_id: `call_${key}`, name, input };
    const at = { item_id: id, output_index: index };
    return {
      item,
      events: [
        added(index, { ...item, status: 'in_progress', input: '' }),
        { type: 'response.custom_tool_call_input.delta', ...at, delta: input },
        { type: 'response.custom_tool_call_input.done', ...at, input },
        done(index, item),
      ],
    };
  },
});

/** A picture made by the hosted image tool. */
export const picture = (base64Png: string): AnswerPart => ({
  build(key, index) {
    const id = `ig_${key}`;
    const item = { id, type: 'image_generation_call', status: 'completed', output_format: 'png', result: base64Png };
    const at = { item_id: id, output_index: index };
    return {
      item,
      events: [
        added(index, { id, type: 'image_generation_call', status: 'in_progress' }),
        { type: 'response.image_generation_call.in_progress', ...at },
        { type: 'response.image_generation_call.generating', ...at },
        { type: 'response.image_generation_call.completed', ...at },
        done(index, item),
      ],
    };
  },
});

/** The opaque item that answers a compaction request: exactly one, nothing beside it. */
export const compaction = (encryptedContent: string): AnswerPart => ({
  build(key, index) {
    const item = { id: `cmp_${key}`, type: 'compaction', encrypted_content: encryptedContent };
    return { item, events: [added(index, item), done(index, item)] };
  },
});
