import { answered } from '../../../test/support/answered.js';
import { eventsIn } from '../../../test/support/calls.js';
import {
  block,
  inOneBatch,
  completed,
  created,
  delta,
  item,
  lastResponse,
  message,
  publicEvents,
  publicText,
  RESPONSE,
  SHAPE,
  typesOf,
} from '../../../test/support/public-answers.js';
import type { Fields } from '../../core/index.js';
import { encodeStream } from './encode-stream.js';

describe('the end of the stream', () => {
  it.each<[string, object]>([
    ['response.done', { ...completed(), type: 'response.done' }],
    ['a response without a name', { response: completed().response }],
    ['a bare response', completed().response],
    ['a completed response of another status (B9)', completed({ status: 'finished' })],
  ])('is response.completed for %s (trap 6)', async (_, end) => {
    const text = await publicText(inOneBatch(block(created) + block(end)));
    expect(eventsIn(text).at(-1)).toMatchObject({
      type: 'response.completed',
      response: { id: 'resp_1', status: 'completed', error: null },
    });
  });

  it('has every field that clients read in a response (B15)', async () => {
    const events = await publicEvents({ type: 'response.completed', response: { id: 'resp_1' } });
    expect(lastResponse(events)).toEqual({
      id: 'resp_1',
      object: 'response',
      created_at: 1_790_000_000,
      status: 'completed',
      error: null,
      incomplete_details: null,
      model: 'gpt-5.5',
      output: [],
      metadata: {},
      parallel_tool_calls: true,
      previous_response_id: null,
      tool_choice: 'auto',
      tools: [],
      usage: null,
    });
  });

  it('keeps what the upstream says of it, `"error": null` included (trap 7)', async () => {
    const usage = {
      input_tokens: 1,
      output_tokens: 2,
      output_tokens_details: { reasoning_tokens: 1 },
      total_tokens: 3,
    };
    const events = await publicEvents(
      created,
      completed({ usage, service_tier: 'priority', error: null, tool_choice: 'none' }),
    );
    expect(lastResponse(events)).toMatchObject({ usage, service_tier: 'priority', error: null, tool_choice: 'none' });
  });

  it('repeats what the request goes on from, and the metadata that never went upstream', async () => {
    const shape = { ...SHAPE, previousId: 'resp_0', asked: { ...SHAPE.asked, metadata: { a: 'b' } } };
    const events = eventsIn(await publicText(answered(created, completed({ metadata: {} })), shape));
    const repeated = { previous_response_id: 'resp_0', metadata: { a: 'b' } };
    expect(events.map(({ response }) => response)).toMatchObject([repeated, repeated]);
  });

  it('is an end for an ordinary reason too', async () => {
    const reason = { reason: 'max_output_tokens' };
    const events = await publicEvents(created, delta('Cu'), {
      type: 'response.incomplete',
      response: { ...RESPONSE, status: 'incomplete', incomplete_details: reason },
    });
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: reason, output: [{ content: [{ text: 'Cu' }] }] },
    });
  });

  it('brings what was not told before: the beginning, and the text', async () => {
    const events = await publicEvents(completed({ output: [message('Hi')] }));
    expect(events).toMatchObject([
      { type: 'response.created', sequence_number: 0, response: { id: 'resp_1', status: 'in_progress' } },
      { type: 'response.output_text.delta', sequence_number: 1, item_id: 'msg_1', output_index: 0, delta: 'Hi' },
      { type: 'response.completed', sequence_number: 2 },
    ]);
  });

  it('brings no text twice (B11)', async () => {
    const events = await publicEvents(created, delta('Hi'), item('done', message('Hi')), completed());
    expect(typesOf(events).filter((type) => type === 'response.output_text.delta')).toHaveLength(1);
  });

  it('is followed by nothing (trap 9)', async () => {
    const text = await publicText(answered(created, completed(), delta('late'), completed()));
    expect(typesOf(eventsIn(text))).toEqual(['response.created', 'response.completed']);
  });

  it('is told to whoever keeps it before it is told to the client', async () => {
    const order: string[] = [];
    const kept: (readonly [Fields, unknown])[] = [];
    const finished = async (response: Fields, accountId: unknown) => {
      await new Promise(setImmediate);
      kept.push([response, accountId]);
      order.push('kept');
    };
    for await (const text of encodeStream(answered(created, completed()), SHAPE, finished)) {
      order.push(...eventsIn(text).map(({ type }) => String(type)));
    }
    expect(order).toEqual(['response.created', 'kept', 'response.completed']);
    expect(kept).toMatchObject([[{ id: 'resp_1', status: 'completed' }, 'account-1']]);
  });
});
