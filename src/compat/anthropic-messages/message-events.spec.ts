import fc from 'fast-check';
import { collect, GatewayError, type AccountId } from '../../core/index.js';
import { EMPTY, COUNTED, telling } from '../../../test/support/anthropic-answers.js';
import { THINKING } from '../../../test/support/anthropic-requests.js';
import { answered, brokenOff } from '../../../test/support/answered.js';
import { args, callDone, called, completed, delta, reasoned, think } from '../../../test/support/response-events.js';
import { encodeStream } from './encode.js';
import type { MessageEvent } from './message-event.js';
import { messageEvents, type Telling } from './message-events.js';

const eventsOf = (events: readonly object[], over?: Partial<Telling>): Promise<MessageEvent[]> =>
  collect(messageEvents(answered(...events), telling(over)));
const use = (at: number, input: object) => ({ type: 'tool_use', id: `call_${at}`, name: 'look', input });

describe('a Messages stream', () => {
  it('is one block after another, with event names that are its types', async () => {
    const events = [
      delta(0, 'a'),
      delta(0, 'b'),
      called(1),
      args(1, '{"x"'),
      args(1, ':1}'),
      callDone(1, ''),
      completed(),
    ];
    const frames: readonly (readonly [string, object])[] = [
      ['message_start', { message: { ...EMPTY } }],
      ['content_block_start', { index: 0, content_block: { type: 'text', text: '' } }],
      ['content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'a' } }],
      ['content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'b' } }],
      ['content_block_stop', { index: 0 }],
      ['content_block_start', { index: 1, content_block: use(1, {}) }],
      ['content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: '{"x"' } }],
      ['content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: ':1}' } }],
      ['content_block_stop', { index: 1 }],
      ['message_delta', { delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: COUNTED }],
      ['message_stop', {}],
    ];
    const text = frames.map(([type, rest]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
    expect((await collect(encodeStream(answered(...events), telling()))).join('')).toBe(text.join(''));
  });

  it('begins before the upstream says anything (T13)', async () => {
    let say: () => void = () => undefined;
    const silence = new Promise<void>((resolve) => (say = resolve));
    async function* late() {
      yield* answered();
      await silence;
      yield* answered(completed());
    }
    const events = messageEvents(late(), telling());
    expect(await events.next()).toMatchObject({ value: { type: 'message_start', message: EMPTY } });
    say();
    expect((await collect(events)).at(-1)).toEqual({ type: 'message_stop' });
  });

  it('does not begin when the answer has already failed', async () => {
    const failed = {
      type: 'response.failed',
      response: { error: { code: 'context_length_exceeded', message: 'Long.' } },
    };
    await expect(messageEvents(answered(failed), telling()).next()).rejects.toMatchObject({ code: 'upstream_refused' });
  });

  it('never looks finished when it breaks off', async () => {
    const seen: string[] = [];
    const cut = brokenOff(new GatewayError('stream_interrupted', 'Cut.'), delta(0, 'a'));
    await expect(
      (async () => {
        for await (const event of messageEvents(cut, telling())) seen.push(event.type);
      })(),
    ).rejects.toMatchObject({ code: 'stream_interrupted' });
    expect(seen).toEqual(['message_start', 'content_block_start', 'content_block_delta']);
    await expect(eventsOf([delta(0, 'a')])).rejects.toMatchObject({ code: 'stream_interrupted' });
  });

  it('gives its source back when its reader leaves', async () => {
    const closed = jest.fn();
    async function* source() {
      try {
        yield* answered(delta(0, 'a'), delta(0, 'b'));
      } finally {
        closed();
      }
    }
    for await (const event of messageEvents(source(), telling())) if (event.type === 'content_block_delta') break;
    expect(closed).toHaveBeenCalledTimes(1);
  });

  it('signs thinking before the block ends, with what gives the model its reasoning back', async () => {
    const events = await eventsOf([think(0, 'H'), think(0, 'm.'), reasoned(0), delta(1, 'So.'), completed()]);
    const deltas = events.flatMap((event) => (event.type === 'content_block_delta' ? [event.delta] : []));
    expect(deltas).toMatchObject([
      { thinking: 'H' },
      { thinking: 'm.' },
      { type: 'signature_delta' },
      { type: 'text_delta', text: 'So.' },
    ]);
    const signature = deltas.find((told) => told.type === 'signature_delta')?.signature;
    expect(THINKING.open(signature)).toEqual({
      item: { type: 'reasoning', encrypted_content: 'g0', summary: [] },
      accountId: 'account-1' as AccountId,
    });
  });
});

describe('an answer in any order', () => {
  it('is blocks that never overlap, and the same text, calls and usage either way', async () => {
    const piece = fc.oneof(
      fc.tuple(fc.nat(3), fc.string()).map(([at, said]) => delta(at, said)),
      fc.tuple(fc.nat(3), fc.string()).map(([at, said]) => think(at + 10, said)),
      fc.nat(3).map((at) => reasoned(at + 10)),
      fc.nat(3).map((at) => called(at + 20)),
      fc.tuple(fc.nat(3), fc.string()).map(([at, said]) => args(at + 20, said)),
      fc.nat(3).map((at) => callDone(at + 20, '{"x":1}')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        const events = await eventsOf([...pieces, completed()]);
        let open: number | undefined;
        let next = 0;
        for (const event of events) {
          if (event.type === 'content_block_start') {
            expect([open, event.index]).toEqual([undefined, next]);
            open = event.index;
            next += 1;
          } else if (event.type === 'content_block_delta') expect(event.index).toBe(open);
          else if (event.type === 'content_block_stop') {
            expect(event.index).toBe(open);
            open = undefined;
          }
        }
        const said = pieces.flatMap((given) => (given.type === 'response.output_text.delta' ? [given] : []));
        const sent = events.flatMap((event) =>
          event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? [event.delta.text] : [],
        );
        expect(sent.join('').length).toBe(
          said.reduce((sum, given) => sum + ('delta' in given ? given.delta.length : 0), 0),
        );
      }),
    );
  });
});
