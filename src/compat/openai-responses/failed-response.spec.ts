import { brokenOff } from '../../../test/support/answered.js';
import { eventsIn } from '../../../test/support/calls.js';
import {
  block,
  inOneBatch,
  created,
  delta,
  lastResponse,
  message,
  publicEvents,
  publicText,
  RESPONSE,
  typesOf,
} from '../../../test/support/public-answers.js';
import { GatewayError } from '../../core/index.js';

describe('a failure in the stream', () => {
  const failed = (error: object, over: object = {}) => ({
    type: 'response.failed',
    response: {
      ...RESPONSE,
      status: 'failed',
      error,
      output: [message('a prompt')],
      instructions: 'Be brief.',
      ...over,
    },
  });

  it('is made anew: the code and the redacted message, and nothing else of the upstream (trap 19)', async () => {
    const usage = { input_tokens: 5, output_tokens: 0, secret: 'x' };
    const events = await publicEvents(
      created,
      failed({ code: 'context_length_exceeded', message: 'Too long for user@example.com' }, { usage }),
    );
    const error = { message: 'Too long for ***', type: 'invalid_request_error', code: 'context_length_exceeded' };
    expect(events.at(-1)).toEqual({
      type: 'response.failed',
      sequence_number: 1,
      error,
      response: {
        id: 'resp_1',
        object: 'response',
        created_at: 1_790_000_001,
        status: 'failed',
        model: 'gpt-5.5',
        error,
        incomplete_details: null,
        instructions: null,
        metadata: null,
        output: [],
        output_text: '',
        parallel_tool_calls: false,
        tool_choice: 'auto',
        tools: [],
        temperature: null,
        top_p: null,
        usage: {
          input_tokens: 5,
          input_tokens_details: { cached_tokens: 0 },
          output_tokens: 0,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: 5,
        },
      },
    });
  });

  it.each<[string, object]>([
    ['response.failed', failed({ code: 'server_error', message: 'No.' })],
    ['an error event', { type: 'error', code: 'server_error', message: 'No.' }],
    ['an error that wraps an HTTP answer', { type: 'error', status_code: 500, error: { code: 'server_error' } }],
    [
      'an incomplete response with an error in it',
      { ...failed({ code: 'server_error' }), type: 'response.incomplete' },
    ],
    ['a detail without a type', { detail: 'No.' }],
  ])('comes alone when %s is the first event', async (_, event) => {
    const text = await publicText(inOneBatch(block(event)));
    expect(eventsIn(text)).toMatchObject([
      { type: 'response.failed', sequence_number: 0, error: { code: 'server_error' }, response: { status: 'failed' } },
    ]);
  });

  it('comes after the beginning that was missing, once there was something else', async () => {
    expect(typesOf(await publicEvents(delta('a'), failed({ code: 'x' })))).toEqual([
      'response.output_text.delta',
      'response.created',
      'response.failed',
    ]);
  });

  it.each([
    ['an id that is none of ours to repeat', { id: 'req 1' }, { id: 'resp_failed' }],
    ['a model that is a text', { model: 'see https://example.com/?a=b c' }, { model: 'unknown' }],
    ['half a usage', { usage: { input_tokens: 1 } }, { usage: null }],
    ['a reason that nobody knows', { incomplete_details: { reason: 'because' } }, { incomplete_details: null }],
  ])('does not pass on %s', async (_, given, told) => {
    expect(lastResponse(await publicEvents(failed({ code: 'x' }, given)))).toMatchObject(told);
  });

  it.each(['stream_interrupted', 'stream_idle_timeout', 'upstream_response_too_large'] as const)(
    'is the end of an answer that breaks off with %s, once (T4)',
    async (code) => {
      const text = await publicText(brokenOff(new GatewayError(code, 'Ours.'), created, delta('Hal')));
      const error = {
        message: 'upstream request failed: event stream ended early',
        type: 'server_error',
        code: 'server_error',
      };
      expect(eventsIn(text).slice(1)).toMatchObject([
        { type: 'response.output_text.delta', delta: 'Hal' },
        { type: 'response.failed', sequence_number: 2, error, response: { id: 'resp_1', status: 'failed', error } },
      ]);
    },
  );

  it('is the end of an answer that just ends (G3)', async () => {
    expect(typesOf(await publicEvents(created, delta('Hal')))).toEqual([
      'response.created',
      'response.output_text.delta',
      'response.failed',
    ]);
  });

  it('tells no more than that it is ours when it is ours', async () => {
    const text = await publicText(brokenOff(new Error('secret'), created));
    expect(eventsIn(text).at(-1)).toMatchObject({
      error: { message: 'Internal server error', type: 'server_error', code: 'server_error' },
    });
  });

  it('is thrown before the first event, while there is still a status for it', async () => {
    const error = new GatewayError('invalid_compaction_response', 'Nothing in it.');
    await expect(publicText(brokenOff(error))).rejects.toBe(error);
  });
});
