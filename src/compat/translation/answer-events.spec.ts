import { answered, brokenOff } from '../../../test/support/answered.js';
import { collect, GatewayError } from '../../core/index.js';
import type { AnswerEvent } from './answer-event.js';
import { answerEvents } from './answer-events.js';

const RESPONSE = { id: 'resp_1', object: 'response', created_at: 1_790_000_000, model: 'gpt-5.5' };
const created = { type: 'response.created', response: { ...RESPONSE, status: 'in_progress', output: [] } };
const completed = (over: object = {}) => ({
  type: 'response.completed',
  response: { ...RESPONSE, status: 'completed', output: [], ...over },
});
const message = (text: string) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text }],
});
const textDelta = (delta: string, place = 0) => ({
  type: 'response.output_text.delta',
  item_id: 'msg_1',
  output_index: place,
  content_index: 0,
  delta,
});
const itemDone = (item: object, place = 0) => ({ type: 'response.output_item.done', output_index: place, item });

const told = (...events: readonly object[]): Promise<AnswerEvent[]> => collect(answerEvents(answered(...events)));
const brief = (events: readonly AnswerEvent[]): readonly string[] =>
  events.map((event) => {
    if (event.kind === 'call') return `call ${event.callId} ${event.name} ${event.form}`;
    return 'delta' in event ? `${event.kind} ${event.delta}` : event.kind;
  });

describe('the events of an answer', () => {
  it('tell text as it comes, and not again when its item and the last event repeat it', async () => {
    const item = message('Hello there');
    const events = await told(
      created,
      textDelta('Hello'),
      textDelta(' there'),
      { type: 'response.output_text.done', item_id: 'msg_1', output_index: 0, content_index: 0, text: 'Hello there' },
      itemDone(item),
      completed({ output: [item] }),
    );
    expect(brief(events)).toEqual(['begun', 'text Hello', 'text  there', 'ended']);
  });

  it.each([
    ['its finished part', [{ ...textDelta(''), type: 'response.output_text.done', text: 'Whole.' }]],
    ['its finished item', [itemDone(message('Whole.'))]],
    ['the last event', []],
  ] as const)('tell text that came without deltas from %s (B11)', async (_, between) => {
    const events = await told(created, ...between, completed({ output: [message('Whole.')] }));
    expect(brief(events)).toEqual(['begun', 'text Whole.', 'ended']);
  });

  it('fill the empty output of the last event with the finished items, in order (T1, trap 35)', async () => {
    const reasoning = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'gAAA' };
    const events = await told(created, itemDone(reasoning), itemDone(message('Hi'), 1), completed());
    expect(events.at(-1)).toMatchObject({ outcome: 'completed', response: { output: [reasoning, message('Hi')] } });
  });

  it('leave a populated output of the last event as it is', async () => {
    const events = await told(created, itemDone(message('draft')), completed({ output: [message('final')] }));
    expect(events.at(-1)).toMatchObject({ response: { output: [message('final')] } });
  });

  it('tell a call by its name, then its arguments in pieces, then that it is whole', async () => {
    const call = { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'look', arguments: '' };
    const piece = (delta: string) => ({ type: 'response.function_call_arguments.delta', item_id: 'fc_1', delta });
    const events = await told(
      created,
      { type: 'response.output_item.added', output_index: 0, item: call },
      piece('{"a"'),
      piece(':1}'),
      itemDone({ ...call, arguments: '{"a":1}' }),
      completed(),
    );
    expect(brief(events)).toEqual([
      'begun',
      'call call_1 look function',
      'arguments {"a"',
      'arguments :1}',
      'called',
      'ended',
    ]);
    expect(new Set(events.flatMap((event) => ('key' in event ? [event.key] : []))).size).toBe(1);
  });

  it('tell a call that is only known whole, once', async () => {
    const call = { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'look', arguments: '{"a":1}' };
    const events = await told(created, itemDone(call), completed({ output: [call] }));
    expect(brief(events)).toEqual(['begun', 'call call_1 look function', 'arguments {"a":1}', 'called', 'ended']);
  });

  it('take a call without an id by that of its item (trap 34)', async () => {
    const call = { id: 'ctc_1', type: 'custom_tool_call', name: 'patch', input: '*** Begin' };
    const events = await told(created, itemDone(call), completed());
    expect(brief(events)).toContain('call ctc_1 patch custom');
  });

  it('keep the paragraphs of a reasoning summary apart', async () => {
    const piece = (part: number, delta: string) => ({
      type: 'response.reasoning_summary_text.delta',
      item_id: 'rs_1',
      output_index: 0,
      summary_index: part,
      delta,
    });
    const events = await told(created, piece(0, 'Let me '), piece(0, 'think.'), piece(1, 'Done.'), completed());
    expect(brief(events)).toEqual(['begun', 'reasoning Let me ', 'reasoning think.', 'reasoning \n\nDone.', 'ended']);
  });

  it('take what names no item for the one that is open, and never tell it twice (B11)', async () => {
    const text = { type: 'response.output_text.delta', delta: 'Once.' };
    const repeated = completed({ output: [message('Once.')] });
    for (const between of [[], [{ type: 'response.output_item.done', item: message('Once.') }]]) {
      expect(brief(await told(created, text, ...between, repeated))).toEqual(['begun', 'text Once.', 'ended']);
    }
  });

  it('keep items apart that nothing names', async () => {
    const called = (callId: string) => ({
      type: 'response.output_item.done',
      item: { type: 'function_call', call_id: callId, name: 'f', arguments: '{}' },
    });
    const thought = { type: 'response.reasoning_summary_text.delta', delta: 'Hm.' };
    const text = { type: 'response.output_text.delta', delta: 'Two.' };
    const calls = ['a', 'b'].map((callId) => called(callId).item);
    const events = await told(created, thought, text, called('a'), called('b'), completed({ output: calls }));
    expect(brief(events)).toEqual([
      ...['begun', 'reasoning Hm.', 'text Two.'],
      ...['call a f function', 'arguments {}', 'called'],
      ...['call b f function', 'arguments {}', 'called', 'ended'],
    ]);
  });

  it('give arguments that name no call to the one that was begun last', async () => {
    const item = { id: 'fc_1', type: 'function_call', call_id: 'a', name: 'f', arguments: '' };
    const added = { type: 'response.output_item.added', output_index: 0, item };
    const piece = { type: 'response.function_call_arguments.delta', delta: '{"x":1}' };
    const done = itemDone({ ...item, arguments: '{"x":1}' });
    const events = await told(created, added, piece, done, completed());
    expect(brief(events)).toEqual(['begun', 'call a f function', 'arguments {"x":1}', 'called', 'ended']);
  });

  it('tell reasoning that came without deltas from its item', async () => {
    const item = { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Thought.' }] };
    expect(brief(await told(created, itemDone(item), completed()))).toEqual([
      'begun',
      'reasoning Thought.',
      'reasoned',
      'ended',
    ]);
  });

  it('pass over events that they do not know', async () => {
    const events = await told(
      created,
      { type: 'response.brand_new', x: 1 },
      { type: 'codex.rate_limits' },
      completed(),
    );
    expect(brief(events)).toEqual(['begun', 'ended']);
  });

  it('begin even when the upstream did not introduce the response', async () => {
    expect(brief(await told(textDelta('Hi'), completed()))).toEqual(['begun', 'text Hi', 'ended']);
  });

  it.each(['response.done', 'response.completed'])('end with %s, and tell nothing after it (trap 9)', async (type) => {
    const events = await told(created, { ...completed(), type }, textDelta('late'));
    expect(brief(events)).toEqual(['begun', 'ended']);
  });

  it('end incomplete when the answer was cut for an ordinary reason', async () => {
    const response = { ...RESPONSE, status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
    const events = await told(created, textDelta('Cut'), { type: 'response.incomplete', response });
    expect(events.at(-1)).toMatchObject({ kind: 'ended', outcome: 'incomplete', response: { status: 'incomplete' } });
  });

  it.each([
    ['context_length_exceeded', 'upstream_refused'],
    ['server_error', 'upstream_response_failed'],
    ['rate_limit_exceeded', 'upstream_rate_limited'],
    ['usage_limit_reached', 'usage_limit_reached'],
    ['usage_limit_exceeded', 'usage_limit_reached'],
    ['workspace_owner_credits_depleted', 'usage_limit_reached'],
    ['server_is_overloaded', 'server_is_overloaded'],
  ])('fail on a response that failed with %s', async (code, expected) => {
    const failed = { type: 'response.failed', response: { id: 'resp_1', error: { code, message: 'in their words' } } };
    await expect(told(created, failed)).rejects.toMatchObject({
      code: expected,
      detail: { upstreamCode: code, upstreamMessage: 'in their words' },
    });
  });

  it('fail on an answer without an end (T3)', async () => {
    await expect(told(created, textDelta('Hi'))).rejects.toMatchObject({ code: 'stream_interrupted' });
    const idle = new GatewayError('stream_idle_timeout', 'silent');
    await expect(collect(answerEvents(brokenOff(idle, created)))).rejects.toBe(idle);
  });
});
