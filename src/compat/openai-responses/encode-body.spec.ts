import { answered, brokenOff } from '../../../test/support/answered.js';
import { eventsIn } from '../../../test/support/calls.js';
import { nothing, publicText, SHAPE } from '../../../test/support/public-answers.js';
import { GatewayError } from '../../core/index.js';
import { encodeBody } from './encode-body.js';

const text = (piece: string) => ({
  type: 'response.output_text.delta',
  output_index: 0,
  content_index: 0,
  delta: piece,
});
const message = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] };
const done = { type: 'response.output_item.done', output_index: 0, item: message };
const end = (over: object = {}, type = 'response.completed') => ({
  type,
  response: { id: 'resp_1', status: 'completed', error: null, output: [], ...over },
});

describe('a response that is collected', () => {
  it.each<[string, readonly object[]]>([
    ['its items (trap 35)', [text('Hi'), done, end()]],
    ['its text alone', [text('H'), text('i'), end()]],
    ['its last event', [end({ output: [message] })]],
    [
      'its last event, which wins',
      [text('x'), { ...done, item: { ...message, content: [] } }, end({ output: [message] })],
    ],
    ['an old last event', [text('Hi'), done, end({}, 'response.done')]],
    ['a last event of an odd status (B9)', [text('Hi'), done, end({ status: 'odd' })]],
    [
      'an answer that was cut for an ordinary reason',
      [text('Hi'), end({ status: 'incomplete' }, 'response.incomplete')],
    ],
  ])('is the one that its stream ends in: by %s', async (_, events) => {
    const body = await encodeBody(answered(...events), SHAPE, nothing);
    expect(body).toEqual(eventsIn(await publicText(answered(...events))).at(-1)?.response);
    expect(body).toMatchObject({ error: null, output: [{ id: expect.any(String), content: [{ text: 'Hi' }] }] });
  });

  it('is told to whoever keeps it, with the account that made it', async () => {
    const kept: unknown[] = [];
    const body = await encodeBody(answered(done, end()), SHAPE, async (...told) => void kept.push(told));
    expect(kept).toEqual([[body, 'account-1']]);
  });

  it.each<[string, object, string]>([
    [
      'by its own words',
      { ...end({ status: 'failed', error: { code: 'x' } }), type: 'response.failed' },
      'upstream_response_failed',
    ],
    ['by its request', { type: 'error', error: { code: 'context_length_exceeded' } }, 'upstream_refused'],
    ['by a limit', { type: 'error', status: 429, error: { code: 'rate_limit_exceeded' } }, 'upstream_rate_limited'],
  ])('is an error when it failed %s (C25)', async (_, event, code) => {
    await expect(encodeBody(answered(text('Hi'), event), SHAPE, nothing)).rejects.toMatchObject({ code });
  });

  it.each([
    ['just ends', answered(text('Hi'))],
    ['breaks off', brokenOff(new GatewayError('stream_interrupted', 'Cut.'), text('Hi'))],
  ])('is an error when its stream %s', async (_, parts) => {
    await expect(encodeBody(parts, SHAPE, nothing)).rejects.toMatchObject({ code: 'stream_interrupted', status: 502 });
  });
});
