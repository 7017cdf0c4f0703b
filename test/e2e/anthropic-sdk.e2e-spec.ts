import { PoolService } from '../../src/auth/index.js';
import { useGateway } from '../support/gateway.js';
import {
  answer,
  cutAfter,
  failedAfter,
  functionCall,
  quota429,
  reasoningPart,
  say,
  ScriptedUpstream,
} from '../support/scripted-upstream/index.js';
import { useSdk } from '../support/sdk-process.js';

const THINKING = { thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 2000 };

interface Message {
  readonly content: readonly { readonly type: string; readonly signature?: string }[];
}
interface Event {
  readonly type: string;
}

describe('the Anthropic SDK', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const sdk = useSdk('anthropic', gateway);

  beforeAll(() => gateway.get(PoolService).createPool('test', { anthropicModels: [['claude-*', 'gpt-5.5']] }));

  it('has the text, the reason it ended and the usage of a message', async () => {
    expect(await sdk.run('create', '[[say Good day.]]')).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-6',
      content: [{ type: 'text', text: 'Good day.' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 176, cache_read_input_tokens: 1024, output_tokens: 48 },
    });
    expect(upstream.received.at(-1)?.json()).toMatchObject({ model: 'gpt-5.5' });
  });

  it('shows its key as a bearer token as well', async () => {
    expect(await sdk.run('withToken', '[[say Good day.]]')).toMatchObject({ content: [{ text: 'Good day.' }] });
  });

  it('sees the events of a stream in their order', async () => {
    const events = await sdk.run<Event[]>('events', '[[say Good day.]]');

    expect(events.map(({ type }) => type)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  it('puts a stream together with its helper', async () => {
    expect(await sdk.run('helper', '[[say Good day.]]')).toMatchObject({
      texts: ['Good', ' day.'],
      message: {
        content: [{ type: 'text', text: 'Good day.' }],
        stop_reason: 'end_turn',
        usage: { output_tokens: 48 },
      },
    });
  });

  it('sees a call grow in a stream', async () => {
    expect(await sdk.run('helperCall', '[[call get_weather {"city":"Lisbon"}]]')).toMatchObject({
      jsons: expect.arrayContaining([{ city: 'Lisbon' }]),
      message: {
        content: [{ type: 'thinking' }, { type: 'tool_use', name: 'get_weather', input: { city: 'Lisbon' } }],
        stop_reason: 'tool_use',
      },
    });
  });

  it('goes on with the output of a tool; its thinking goes back as the reasoning it came from', async () => {
    upstream.replyWith(answer([reasoningPart('Weighing it'), functionCall('get_weather', { city: 'Lisbon' })]));
    const { first, text } = await sdk.run<{ first: Message; text: string }>('toolLoop', 'The weather?', THINKING);

    expect(first.content).toMatchObject([
      { type: 'thinking', thinking: 'Weighing it', signature: expect.any(String) },
      { type: 'tool_use', name: 'get_weather' },
    ]);
    expect(text).toBe('TOOL_OK Sunny in Lisbon.');
    expect(upstream.received.at(-1)?.json()).toMatchObject({
      input: [
        { role: 'user' },
        { type: 'reasoning', encrypted_content: expect.stringMatching(/^gAAAA-simulated/) },
        { type: 'function_call', name: 'get_weather' },
        { type: 'function_call_output' },
      ],
    });
  });

  it('counts tokens before it asks', async () => {
    const counted = await sdk.run<{ input_tokens: number }>('countTokens', 'How many tokens is this?');

    expect(counted.input_tokens).toBeGreaterThan(5);
  });

  it('lists the models of the Pool', async () => {
    expect(await sdk.run('models')).toContainEqual(expect.objectContaining({ id: 'gpt-5.5' }));
  });

  it('throws AuthenticationError for a wrong key', async () => {
    expect(await sdk.failure('createWith', 'sk-wrong', 'Hi')).toMatchObject({
      class: 'AuthenticationError',
      status: 401,
      type: 'authentication_error',
    });
  });

  it('throws BadRequestError for messages that are none', async () => {
    expect(await sdk.failure('create', 'Hi', { messages: 'Hi' })).toMatchObject({
      class: 'BadRequestError',
      type: 'invalid_request_error',
      message: expect.stringContaining('messages'),
    });
  });

  it('throws when a stream fails in the middle, and when it is cut', async () => {
    upstream.replyWith(failedAfter(5, say('Half', ' an answer'), 'server_error', 'It broke.'));
    expect(await sdk.failure('helper', 'Hi')).toMatchObject({
      class: 'APIError',
      message: expect.stringContaining('It broke.'),
    });
    upstream.replyWith(cutAfter(5, say('Half', ' an answer')));
    expect(await sdk.failure('events', 'Hi')).toMatchObject({ class: 'APIError' });
  });

  it('throws RateLimitError when the whole Pool is out of quota', async () => {
    upstream.replyWith(quota429(3_600), quota429(3_600));

    expect(await sdk.failure('create', 'Hi')).toMatchObject({ class: 'RateLimitError', type: 'rate_limit_error' });
  });
});
