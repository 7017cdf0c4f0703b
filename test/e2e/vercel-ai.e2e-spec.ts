import { forTheBlock } from '../support/for-the-block.js';
import { useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import {
  answer,
  cutAfter,
  failedAfter,
  functionCall,
  message,
  reasoning,
  reasoningPart,
  say,
  ScriptedUpstream,
} from '../support/scripted-upstream/index.js';
import { SdkProcess, useSdk } from '../support/sdk-process.js';

const USAGE = { inputTokens: 1200, outputTokens: 48, totalTokens: 1248 };

describe('the Vercel AI SDK', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const sdk = useSdk('vercel-ai', gateway);

  describe.each([
    ['responses', { providerOptions: { openai: { store: false } } }],
    ['chat', {}],
  ])('with a model of its %s kind', (kind, options) => {
    it('generates a text', async () => {
      expect(await sdk.run('generateText', kind, '[[say Good day.]]')).toMatchObject({
        text: 'Good day.',
        finishReason: 'stop',
        usage: USAGE,
      });
    });

    it('streams a text', async () => {
      expect(await sdk.run('streamText', kind, '[[say Good day.]]')).toMatchObject({
        texts: ['Good', ' day.'],
        types: expect.arrayContaining(['start', 'text-start', 'text-delta', 'text-end', 'finish']),
        errors: [],
        finishReason: 'stop',
        usage: USAGE,
      });
    });

    it('lets the model call a tool, and goes on with its output', async () => {
      expect(await sdk.run('toolLoop', kind, '[[call get_weather {"city":"Lisbon"}]]', options)).toEqual({
        text: 'TOOL_OK Sunny in Lisbon.',
        calls: [['get_weather', { city: 'Lisbon' }]],
      });
    });

    it('does the same in a stream', async () => {
      const prompt = '[[call get_weather {"city":"Lisbon"}]]';

      expect(await sdk.run('streamedToolLoop', kind, prompt, options)).toMatchObject({
        text: 'TOOL_OK Sunny in Lisbon.',
        types: expect.arrayContaining(['tool-input-delta', 'tool-call', 'tool-result']),
      });
    });

    it('generates an object, by both of its ways', async () => {
      expect(await sdk.run('generateObject', kind, 'Answer me.')).toEqual({ answer: 'simulated', n: 42 });
      expect(await sdk.run('output', kind, 'Answer me.')).toEqual({ answer: 'simulated', n: 42 });
    });

    it('is told of a stream that fails in the middle, and of one that is cut', async () => {
      upstream.replyWith(failedAfter(5, say('Half', ' an answer'), 'server_error', 'It broke.'));
      expect(await sdk.run('streamText', kind, 'Hi')).toMatchObject({
        errors: expect.arrayContaining([expect.stringContaining('It broke.')]),
      });
      upstream.replyWith(cutAfter(5, say('Half', ' an answer')));
      expect(await sdk.run('streamText', kind, 'Hi')).toMatchObject({ errors: [expect.any(String)] });
    });
  });

  it('is told to say store: false when it repeats its steps by the ids of their items', async () => {
    expect(await sdk.failure('toolLoop', 'responses', '[[call get_weather {"city":"Lisbon"}]]')).toMatchObject({
      class: 'APICallError',
      status: 400,
      message: expect.stringContaining('store: false'),
    });
  });

  describe('where responses are stored', () => {
    const storing = new SdkProcess();
    forTheBlock(
      async () => {
        const { key } = await newPool(gateway, upstream, [{}], { storedResponses: true });
        storing.start('vercel-ai', { url: gateway.url, key });
      },
      () => storing.stop(),
    );

    it.each(['toolLoop', 'streamedToolLoop'])('repeats its steps by the ids of their items in a %s', async (loop) => {
      const step = (city: string) =>
        answer([reasoningPart(`${city}?`), message([`First ${city}.`]), functionCall('get_weather', { city })]);
      upstream.replyWith(step('Lisbon'), step('Porto'), say('Sunny in both.'));
      expect(await storing.run(loop, 'responses', 'Compare them.')).toMatchObject({ text: 'Sunny in both.' });
      const { input } = upstream.received.at(-1)?.json() as { readonly input: readonly Record<string, unknown>[] };
      const sentOf = (city: string) => [
        { type: 'reasoning', summary: [{ text: `${city}?` }], encrypted_content: expect.any(String) as string },
        { type: 'message', role: 'assistant', content: [{ text: `First ${city}.` }] },
        { type: 'function_call', name: 'get_weather' },
        { type: 'function_call_output', output: `Sunny in ${city}.` },
      ];
      expect(input).toMatchObject([{ role: 'user' }, ...sentOf('Lisbon'), ...sentOf('Porto')]);
    });
  });

  it('has what the model thought', async () => {
    upstream.replyWith(reasoning('Weighing it', 'Done.'));

    expect(await sdk.run('generateText', 'responses', 'Think.')).toMatchObject({
      text: 'Done.',
      reasoningText: 'Weighing it',
    });
  });
});
