import { PoolService } from '../../src/auth/index.js';
import { useGateway } from '../support/gateway.js';
import {
  answer,
  cutAfter,
  failedAfter,
  functionCall,
  reasoning,
  say,
  ScriptedUpstream,
} from '../support/scripted-upstream/index.js';
import { useSdk } from '../support/sdk-process.js';

interface Completion {
  readonly id: string;
}
interface Chunk {
  readonly id: string;
  readonly choices: readonly { readonly delta: { readonly content?: string } }[];
  readonly usage?: unknown;
}

describe('the OpenAI SDK, asking for chat completions', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const sdk = useSdk('openai-chat', gateway);

  beforeAll(() => gateway.get(PoolService).createPool('test', { storedResponses: true }));

  it('has the text, the reason it ended and the usage of an answer', async () => {
    expect(await sdk.run('create', '[[say Good day.]]')).toMatchObject({
      object: 'chat.completion',
      model: 'gpt-5.5',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Good day.' }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 1200,
        completion_tokens: 48,
        total_tokens: 1248,
        prompt_tokens_details: { cached_tokens: 1024 },
        completion_tokens_details: { reasoning_tokens: 16 },
      },
    });
  });

  it('sees the chunks of a stream under one id, and the usage in the last when it asks for it', async () => {
    const chunks = await sdk.run<Chunk[]>('chunks', '[[say Good day.]]', { stream_options: { include_usage: true } });

    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Good day.');
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 1248 } });
  });

  it('puts a stream together with its helper', async () => {
    expect(await sdk.run('helper', '[[say Good day.]]')).toMatchObject({
      texts: [
        ['Good', 'Good'],
        [' day.', 'Good day.'],
      ],
      message: { role: 'assistant', content: 'Good day.' },
      finish: 'stop',
      usage: { total_tokens: 1248 },
    });
  });

  it('sees a call grow in a stream', async () => {
    expect(await sdk.run('streamedCall', '[[call get_weather {"city":"Lisbon"}]]')).toMatchObject({
      seen: [['get_weather', '{"city":"Lisbon"}']],
      finish: 'tool_calls',
      calls: [{ type: 'function', function: { name: 'get_weather', arguments: '{"city":"Lisbon"}' } }],
    });
  });

  it('lets its runner call a tool and go on', async () => {
    expect(await sdk.run('runTools', '[[call get_weather {"city":"Lisbon"}]]')).toEqual({
      text: 'TOOL_OK Sunny in Lisbon.',
      roles: ['user', 'assistant', 'tool', 'assistant'],
    });
  });

  it('sees calls that the model makes side by side', async () => {
    upstream.replyWith(answer([functionCall('a', { n: 1 }), functionCall('b', { n: 2 })]));
    const tools = ['a', 'b'].map((name) => ({ type: 'function', function: { name, parameters: { type: 'object' } } }));

    expect(await sdk.run('create', 'Both.', { tools })).toMatchObject({
      choices: [
        {
          message: { content: null, tool_calls: [{ function: { name: 'a' } }, { function: { name: 'b' } }] },
          finish_reason: 'tool_calls',
        },
      ],
    });
  });

  it('parses an answer in the form that it asked for', async () => {
    expect(await sdk.run('parse', 'Answer me.')).toEqual({ answer: 'simulated', n: 42 });
  });

  it('sends system words, earlier turns and a picture', async () => {
    const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
    const messages = [
      { role: 'system', content: 'Be terse.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello.' },
      { role: 'user', content: [{ type: 'text', text: '[[image]]' }, picture] },
    ];

    expect(await sdk.run('messages', messages)).toMatchObject({ choices: [{ message: { content: 'IMAGES_OK 1' } }] });
    expect(upstream.received.at(-1)?.json()).toMatchObject({ instructions: 'Be terse.' });
  });

  it('has what the model thought', async () => {
    upstream.replyWith(reasoning('Weighing it', 'Done.'));

    expect(await sdk.run('create', 'Think.', { reasoning_effort: 'high' })).toMatchObject({
      choices: [{ message: { content: 'Done.', reasoning_content: 'Weighing it' } }],
    });
  });

  it('lists, reads, labels and removes what it had stored', async () => {
    const stored = { store: true, metadata: { topic: 'test' } };
    const { id } = await sdk.run<Completion>('create', '[[say Kept.]]', stored);

    expect(await sdk.run('list', { metadata: { topic: 'test' } })).toEqual([id]);
    expect(await sdk.run('retrieve', id)).toMatchObject({ id, choices: [{ message: { content: 'Kept.' } }] });
    expect(await sdk.run('storedMessages', id)).toEqual([{ role: 'assistant', content: 'Kept.' }]);
    expect(await sdk.run('update', id, { topic: 'other' })).toMatchObject({ metadata: { topic: 'other' } });
    expect(await sdk.run('remove', id)).toMatchObject({ id, deleted: true });
    expect(await sdk.failure('retrieve', id)).toMatchObject({ class: 'NotFoundError', status: 404 });
  });

  it('throws when a stream fails in the middle, and when it is cut', async () => {
    upstream.replyWith(failedAfter(5, say('Half', ' an answer'), 'server_error', 'It broke.'));
    expect(await sdk.failure('chunks', 'Hi')).toMatchObject({
      class: 'APIError',
      message: expect.stringContaining('It broke.'),
    });
    upstream.replyWith(cutAfter(5, say('Half', ' an answer')));
    expect(await sdk.failure('chunks', 'Hi')).toMatchObject({ class: 'APIError' });
  });

  it('throws BadRequestError with the parameter at fault', async () => {
    expect(await sdk.failure('messages', 'Hi')).toMatchObject({ class: 'BadRequestError', param: 'messages' });
  });
});
