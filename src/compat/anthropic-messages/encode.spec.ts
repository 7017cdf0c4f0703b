import type { Fields } from '../../core/index.js';
import { COUNTED, EMPTY, telling } from '../../../test/support/anthropic-answers.js';
import { answered } from '../../../test/support/answered.js';
import {
  args,
  callDone,
  called,
  completed,
  delta,
  incomplete,
  reasoned,
  think,
} from '../../../test/support/response-events.js';
import { encodeBody } from './encode.js';
import type { Telling } from './message-events.js';
import { ToolNames } from './tool-names.js';

const bodyOf = (events: readonly object[], over?: Partial<Telling>): Promise<Fields> =>
  encodeBody(answered(...events), telling(over));
const contentOf = async (events: readonly object[], over?: Partial<Telling>) => (await bodyOf(events, over))['content'];
const text = (said: string) => ({ type: 'text', text: said });
const use = (at: number, input: object) => ({ type: 'tool_use', id: `call_${at}`, name: 'look', input });
const signed = (said: string) => ({ type: 'thinking', thinking: said, signature: expect.any(String) as string });

describe('a message', () => {
  it('is what its stream says, with usage that leaves the cached tokens out of the input (T11)', async () => {
    expect(await bodyOf([delta(0, 'Hi'), completed()])).toEqual({
      ...EMPTY,
      content: [text('Hi')],
      stop_reason: 'end_turn',
      usage: COUNTED,
    });
  });

  it('has the tier that served it, in the words of this protocol', async () => {
    expect(await bodyOf([completed({ service_tier: 'priority' })])).toMatchObject({
      usage: { service_tier: 'priority' },
    });
    expect(await bodyOf([completed({ service_tier: 'default' })])).toMatchObject({
      usage: { service_tier: 'standard' },
    });
  });

  it('has what else the usage says: cached tokens under any of their names, the tier, uses of tools (A26, H17)', async () => {
    const usage = {
      ...{ input_tokens: 12, cache_read_input_tokens: 4, output_tokens: 7 },
      ...{ service_tier: 'priority', server_tool_use: { web_search_requests: 2 } },
    };
    expect((await bodyOf([completed({ usage })]))['usage']).toEqual({
      ...{ input_tokens: 8, cache_creation_input_tokens: 0, cache_read_input_tokens: 4, output_tokens: 7 },
      ...{ service_tier: 'priority', server_tool_use: { web_search_requests: 2 } },
    });
  });

  it('has zeros where the backend gave no usage', async () => {
    expect(await bodyOf([completed({ usage: null })])).toMatchObject({ usage: EMPTY.usage });
  });

  it('holds thinking, text and calls in order', async () => {
    const events = [
      think(0, 'Hm.'),
      reasoned(0),
      delta(1, 'So.'),
      callDone(2, '{"x":1}'),
      callDone(3, ''),
      completed(),
    ];
    expect(await contentOf(events)).toEqual([signed('Hm.'), text('So.'), use(2, { x: 1 }), use(3, {})]);
  });

  it('holds one empty text when there is nothing at all', async () => {
    expect(await contentOf([completed()])).toEqual([text('')]);
  });

  it('has calls whole that come interleaved', async () => {
    const events = [
      called(0),
      args(0, '{"a"'),
      called(1),
      args(1, '{"b"'),
      delta(2, 'text'),
      args(0, ':1}'),
      callDone(0, ''),
      args(1, ':2}'),
      callDone(1, ''),
      completed(),
    ];
    expect(await contentOf(events)).toEqual([use(0, { a: 1 }), use(1, { b: 2 }), text('text')]);
  });

  it('has calls that are never finished, and what waited for them', async () => {
    const events = [called(0), args(0, '{"a":1}'), called(1), args(1, '{"b":2}'), called(2), completed()];
    expect(await contentOf(events)).toEqual([use(0, { a: 1 }), use(1, { b: 2 }), use(2, {})]);
  });

  it.each(['not json', '[1]', '"x"', '{"x":'])('makes an object of the arguments %j (T26)', async (given) => {
    expect(await contentOf([callDone(0, given), completed()])).toEqual([use(0, { input: given })]);
  });

  it('has the free input of a custom tool as an object, whatever it looks like', async () => {
    const item = { type: 'custom_tool_call', input: '{"x":1}', arguments: undefined };
    expect(await contentOf([callDone(0, '', item), completed()])).toEqual([use(0, { input: '{"x":1}' })]);
  });

  it("has the client's own name of a tool", async () => {
    const names = new ToolNames();
    const name = names.sent('files.read');
    expect(await contentOf([callDone(0, '{}', { name }), completed()], { names })).toMatchObject([
      { name: 'files.read' },
    ]);
  });

  it('signs thinking that was never finished', async () => {
    expect(await contentOf([think(0, 'Hm.'), delta(1, 'So.'), completed()])).toEqual([signed('Hm.'), text('So.')]);
  });

  it('shows reasoning without words to those alone who asked for thinking, so that they can send it back', async () => {
    const events = [reasoned(0), delta(1, 'So.'), completed()];
    expect(await contentOf(events)).toEqual([signed(''), text('So.')]);
    expect(await contentOf(events, { wantsThinking: false })).toEqual([text('So.')]);
  });

  it.each([
    [[delta(0, 'x'), completed()], 'end_turn'],
    [[delta(0, 'x'), callDone(1, '{}'), completed()], 'tool_use'],
    [[incomplete('max_output_tokens')], 'max_tokens'],
    [[callDone(0, '{}'), incomplete('max_output_tokens')], 'max_tokens'],
    [[incomplete('content_filter')], 'refusal'],
    [[{ ...delta(0, 'No.'), type: 'response.refusal.delta' }, completed()], 'refusal'],
  ])('ends after %j for the reason %s (T7)', async (events, reason) => {
    expect(await bodyOf(events)).toMatchObject({ stop_reason: reason, stop_sequence: null });
  });

  it('ends at a stop sequence, says which, and has nothing of what came after it', async () => {
    const events = [delta(0, 'one EN'), delta(0, 'D two'), callDone(1, '{}'), completed()];
    expect(await bodyOf(events, { stopSequences: ['STOP', 'END'] })).toMatchObject({
      content: [text('one ')],
      stop_reason: 'stop_sequence',
      stop_sequence: 'END',
      usage: COUNTED,
    });
    expect(await contentOf([delta(0, 'one EN'), completed()], { stopSequences: ['END'] })).toEqual([text('one EN')]);
  });
});
