import { frame, type WireEvent } from '../scripted-upstream/index.js';
import type { PlannedCall, Usage } from './planned-call.js';

type Fields = Readonly<Record<string, unknown>>;

const said = (name: string, value: number | undefined): Fields => (value === undefined ? {} : { [name]: value });

/** As a Responses answer reports it. Details of which nothing is known are left out, or null. */
function usageJson({ input, output, cached, written, reasoning }: Usage): Fields {
  const details = { ...said('cached_tokens', cached), ...said('cache_write_tokens', written) };
  return {
    input_tokens: input,
    ...(cached === undefined && written === undefined ? {} : { input_tokens_details: details }),
    output_tokens: output,
    output_tokens_details: reasoning === undefined ? null : { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}

const ABSURD = { input_tokens: 5, input_tokens_details: { cached_tokens: 6 }, output_tokens: 1, total_tokens: 6 };

const wire = (...events: readonly WireEvent[]): Buffer => Buffer.concat(events.map(frame));

const openOf = ({ number, model }: PlannedCall): Fields => ({
  id: `resp_${String(number)}`,
  object: 'response',
  created_at: 1_790_000_000,
  status: 'in_progress',
  model,
  output: [],
});

const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const item = { id: 'msg_1', type: 'message', role: 'assistant' };

/** What comes before the end: its first words, its pieces of text, its one item. */
function begun(call: PlannedCall, deltas = call.deltas): WireEvent[] {
  const text = 'a'.repeat(deltas);
  return [
    { type: 'response.created', response: openOf(call) },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
    ...Array.from({ length: deltas }, () => ({ type: 'response.output_text.delta', ...at, delta: 'a' })),
    ...(deltas < call.deltas ? [] : [done(text)]),
  ];
}

const done = (text: string): WireEvent => ({
  type: 'response.output_item.done',
  output_index: 0,
  item: { ...item, status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] },
});

function served({ servedModel, tier }: PlannedCall): Fields {
  return { model: servedModel, ...(tier === undefined ? {} : { service_tier: tier }) };
}

function ending(call: PlannedCall): WireEvent[] {
  const { course } = call;
  const counted = course === 'absurd usage' ? ABSURD : usageJson(call.usage);
  const reports = course !== 'no usage' && course !== 'failed without usage' && course !== 'refused in a stream';
  const response = { ...openOf(call), ...served(call), ...(reports ? { usage: counted } : {}) };
  const failed = (code: string): WireEvent[] => [
    { type: 'response.failed', response: { ...response, status: 'failed', error: { code, message: 'Simulated.' } } },
  ];
  if (course === 'refused in a stream') return failed('invalid_prompt');
  if (course === 'failed with usage' || course === 'failed without usage') return failed('server_error');
  if (course === 'incomplete') {
    const incomplete_details = { reason: 'max_output_tokens' };
    return [{ type: 'response.incomplete', response: { ...response, status: 'incomplete', incomplete_details } }];
  }
  return [{ type: 'response.completed', response: { ...response, status: 'completed' } }];
}

/** A stream from its first event to its last. */
export function wholeStream(call: PlannedCall): Buffer {
  const events = call.course === 'refused in a stream' ? begun(call, 0).slice(0, 1) : begun(call);
  return wire(...events, ...ending(call));
}

export const withoutEnd = (call: PlannedCall, deltas = call.deltas): Buffer => wire(...begun(call, deltas));

/** What answers a call that is no conversation. */
export function wholeBody(call: PlannedCall): Fields {
  const { lane, course } = call;
  const counted = course === 'absurd usage' ? ABSURD : usageJson(call.usage);
  const reports = course === 'no usage' ? {} : { usage: counted };
  if (lane === 'pictures') return { created: 1_790_000_000, data: [{ b64_json: 'iVBORw0KGgo=' }], ...reports };
  if (lane === 'speech') return { text: 'simulated words', ...reports };
  const output = [{ id: 'cmp_1', type: 'compaction', encrypted_content: 'gAAAA-simulated' }];
  return { output, ...served(call), ...reports };
}
