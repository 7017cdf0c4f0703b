import { sharedMs } from '../clock.mjs';

/**
 * What an answer is made of. `deltas` text events, `paceMs` apart (0: in one go), each padded by `padBytes`; the terminal
 * event is padded to about `terminalBytes`.
 */
export const USUAL_PLAN = { deltas: 50, paceMs: 20, padBytes: 0, terminalBytes: 0 };

const ITEM = 'msg_bench';
const AT = `"item_id":"${ITEM}","output_index":0,"content_index":0`;
const USAGE = {
  input_tokens: 1200,
  input_tokens_details: { cached_tokens: 1024 },
  output_tokens: 48,
  output_tokens_details: { reasoning_tokens: 16 },
  total_tokens: 1248,
};
const OPEN = { id: 'resp_bench', object: 'response', created_at: 1_790_000_000, model: 'gpt-5.5', store: false };
const item = (status, content) => ({ id: ITEM, type: 'message', status, role: 'assistant', content });
const part = (text) => ({ type: 'output_text', text, annotations: [], logprobs: [] });

const event = (type, fields) => JSON.stringify({ type, ...fields });

/** The events before the first text. */
const opening = [
  event('response.created', { response: { ...OPEN, status: 'in_progress', output: [] }, sequence_number: 0 }),
  event('response.in_progress', { response: { ...OPEN, status: 'in_progress', output: [] }, sequence_number: 1 }),
  event('response.output_item.added', { output_index: 0, item: item('in_progress', []), sequence_number: 2 }),
  event('response.content_part.added', {
    item_id: ITEM,
    output_index: 0,
    content_index: 0,
    part: part(''),
    sequence_number: 3,
  }),
];

/** @param written all of the text, as it was sent */
function closing(written, sequence, terminalBytes) {
  const text = part(written);
  const content = [part(written + 'x'.repeat(Math.max(0, terminalBytes - 2_000)))];
  const at = { item_id: ITEM, output_index: 0, content_index: 0 };
  const response = { ...OPEN, status: 'completed', output: [item('completed', content)], usage: USAGE };
  return [
    event('response.output_text.done', { ...at, text: written, logprobs: [], sequence_number: sequence }),
    event('response.content_part.done', { ...at, part: text, sequence_number: sequence + 1 }),
    event('response.output_item.done', {
      output_index: 0,
      item: item('completed', [text]),
      sequence_number: sequence + 2,
    }),
    event('response.completed', { response, sequence_number: sequence + 3 }),
  ];
}

/** The events of one answer, in batches that are sent at once; each text is `<number>@<when it was sent> `. */
export class Answer {
  sent = 0;
  text = '';

  constructor(plan) {
    this.plan = plan;
    this.pad = plan.padBytes > 0 ? `${'.'.repeat(plan.padBytes)} ` : '';
  }

  get isOver() {
    return this.sent >= this.plan.deltas;
  }

  opening() {
    return opening;
  }

  next() {
    const delta = `${this.sent}@${sharedMs().toFixed(3)} ${this.pad}`;
    const sequence = opening.length + this.sent;
    this.sent += 1;
    this.text += delta;
    return `{"type":"response.output_text.delta",${AT},"delta":"${delta}","logprobs":[],"sequence_number":${sequence}}`;
  }

  closing() {
    return closing(this.text, opening.length + this.sent, this.plan.terminalBytes);
  }
}

const TYPE = /^\{"type":"([^"]+)"/;

/** As it goes over HTTP. */
export const framed = (data) => `event: ${TYPE.exec(data)[1]}\ndata: ${data}\n\n`;
