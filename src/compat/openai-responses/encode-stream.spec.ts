import { answered } from '../../../test/support/answered.js';
import { eventsIn } from '../../../test/support/calls.js';
import {
  block,
  inOneBatch,
  completed,
  created,
  delta,
  message,
  publicEvents,
  publicText,
  typesOf,
} from '../../../test/support/public-answers.js';

describe('the stream of /v1/responses', () => {
  it('has one frame for each event, and no [DONE] after the last one (trap 18)', async () => {
    const text = await publicText(answered(created, delta('Hi'), completed({ output: [message('Hi')] })));
    expect(text.split('\n\n').map((frame) => frame.split('\n')[0])).toEqual([
      'event: response.created',
      'event: response.output_text.delta',
      'event: response.completed',
      '',
    ]);
  });

  it("passes on an event that needs no change in the upstream's own text", async () => {
    const own = '{"type":"response.thing.new", "n":1.0,"sequence_number":1}';
    const text = await publicText(inOneBatch(`${block(created)}data: ${own}\n\n${block(completed())}`));
    expect(text).toContain(`event: response.thing.new\ndata: ${own}\n\n`);
  });

  it.each([
    ['without any', [undefined, undefined, undefined], [0, 1, 2]],
    ["with the upstream's own", [0, 1, 2], [0, 1, 2]],
    ['with gaps', [4, 7, 9], [4, 7, 9]],
    ['with some that do not rise', [5, 5, 2], [5, 6, 7]],
    ['with some that are no numbers', ['1', -3, 1.5], [0, 1, 2]],
  ])('numbers events that came %s (trap 17)', async (_, given, told) => {
    const events = [created, delta('a'), completed({ output: [message('a')] })];
    const sent = events.map((event, at) => ({ ...event, sequence_number: given[at] }));
    expect((await publicEvents(...sent)).map(({ sequence_number: number }) => number)).toEqual(told);
  });

  it('ends when its numbers do', async () => {
    const events = await publicEvents(
      created,
      { ...delta('a'), sequence_number: Number.MAX_SAFE_INTEGER },
      completed(),
    );
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      sequence_number: Number.MAX_SAFE_INTEGER,
      error: { code: 'websocket_sequence_exhausted' },
    });
  });

  it.each<[string, string]>([
    ['of the control channel', block({ type: 'codex.rate_limits', plan_type: 'pro' })],
    ['of the turn state', block({ type: 'response.metadata', headers: { 'x-codex-turn-state': 'x' } })],
    ['that keeps us alive', block({ type: 'keepalive' })],
    ['whose two names differ (trap 5)', `event: response.other\n${block(delta('no'))}`],
    ['that is no JSON', 'event: response.thing\ndata: {"type":\n\n'],
    ['that is a comment', ': hello\n\n'],
    ['that is [DONE]', 'data: [DONE]\n\n'],
    ['without a name', block({ a: 1 })],
  ])('leaves out an event %s', async (_, dropped) => {
    const text = await publicText(inOneBatch(block(created) + dropped + block(completed())));
    expect(typesOf(eventsIn(text))).toEqual(['response.created', 'response.completed']);
  });

  it.each(['response.reasoning_summary_text.delta', 'response.web_search_call.searching', 'response.brand.new'])(
    'passes %s on, which it knows nothing of',
    async (type) => {
      const event = { type, item_id: 'x_1', output_index: 0, anything: { goes: [1] } };
      expect((await publicEvents(created, event, completed()))[1]).toEqual({ ...event, sequence_number: 1 });
    },
  );

  it('names an event by its label when its JSON has no type, and takes a blank label for none', async () => {
    const { type: _, ...bare } = delta('a');
    const text = await publicText(
      inOneBatch(
        `event: response.output_text.delta\n${block(bare)}event:  \n${block(delta('b'))}${block(completed())}`,
      ),
    );
    const texts = eventsIn(text).filter(({ type }) => type === 'response.output_text.delta');
    expect(texts.map((event) => event['delta'])).toEqual(['a', 'b']);
  });

  it("tells nothing of the upstream's headers", async () => {
    const headers = { 'x-codex-primary-used-percent': '12' };
    const text = await publicText(
      answered(
        { ...created, headers, response: { ...created.response, headers } },
        { ...completed({ headers }), headers },
      ),
    );
    expect(text).not.toContain('headers');
  });
});
