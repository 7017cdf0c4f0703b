import { PoolService } from '../../src/auth/index.js';
import { eventually } from '../support/eventually.js';
import { useGateway } from '../support/gateway.js';
import {
  burst429,
  cutAfter,
  failedAfter,
  quota429,
  reasoning,
  say,
  ScriptedUpstream,
} from '../support/scripted-upstream/index.js';
import { useSdk } from '../support/sdk-process.js';

interface ResponseObject {
  readonly id: string;
  readonly output: readonly { readonly type: string }[];
}
interface Event {
  readonly type: string;
  readonly sequence_number: number;
}
interface Turn {
  readonly types: readonly string[];
  readonly text: string;
}

describe('the OpenAI SDK, asking for responses', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const sdk = useSdk('openai-responses', gateway);

  beforeAll(() => gateway.get(PoolService).createPool('test', { storedResponses: true }));

  it('has the text, the usage and the model of an answer, and the call has its row', async () => {
    const answer = await sdk.run('create', { input: '[[say Good day.]]', model: 'openai/gpt-5.5' });

    expect(answer).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'gpt-5.5',
      output_text: 'Good day.',
      usage: { input_tokens: 1200, input_tokens_details: { cached_tokens: 1024 }, output_tokens: 48 },
    });
    await eventually(async () => {
      expect((await gateway.ledger()).at(-1)).toMatchObject({ status: 'succeeded', usage_known: true });
    });
  });

  it('sees every event of a stream, numbered from 0 without a gap', async () => {
    const events = await sdk.run<Event[]>('events', { input: '[[say Good day.]]' });

    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index));
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      ...Array<string>(2).fill('response.output_text.delta'),
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  it('puts a stream together with its helper', async () => {
    expect(await sdk.run('helper', { input: '[[say Good day.]]' })).toMatchObject({
      texts: [
        ['Good', 'Good'],
        [' day.', 'Good day.'],
      ],
      text: 'Good day.',
      status: 'completed',
      usage: { output_tokens: 48 },
    });
  });

  it('parses an answer in the form that it asked for', async () => {
    expect(await sdk.run('parse', 'Answer me.')).toEqual({ answer: 'simulated', n: 42 });
  });

  it('parses the arguments of a call', async () => {
    expect(await sdk.run('parsedCall', '[[call get_weather {"city":"Lisbon"}]]')).toEqual({ city: 'Lisbon' });
  });

  it('goes on with the output of a tool, sending back the reasoning before it', async () => {
    expect(await sdk.run('toolLoop', '[[call get_weather {"city":"Lisbon"}]]')).toEqual({
      calls: [['get_weather', '{"city":"Lisbon"}']],
      text: 'TOOL_OK Sunny in Lisbon.',
    });
    expect(upstream.received.at(-1)?.json()).toMatchObject({
      input: [
        { role: 'user' },
        { type: 'reasoning', encrypted_content: expect.stringMatching(/^gAAAA-simulated/) },
        { type: 'function_call', name: 'get_weather' },
        { type: 'function_call_output', output: 'Sunny in Lisbon.' },
      ],
    });
  });

  it('comes back to a response, its input and what was said before it, and removes it', async () => {
    const first = await sdk.run<ResponseObject>('create', { input: 'First. [[turns]]', store: true });
    const next = { input: 'Second. [[turns]]', previous_response_id: first.id };
    const second = await sdk.run<ResponseObject>('create', next);

    expect(second).toMatchObject({
      output_text: 'TURNS_OK users=2 assistants=1',
      previous_response_id: first.id,
    });
    expect(await sdk.run('retrieve', first.id)).toMatchObject({ id: first.id, output: first.output });
    expect(await sdk.run('inputItems', first.id)).toMatchObject([{ role: 'user' }]);
    await sdk.run('remove', first.id);
    expect(await sdk.failure('retrieve', first.id)).toMatchObject({ class: 'NotFoundError', status: 404 });
  });

  it('counts tokens before it asks', async () => {
    const counted = await sdk.run<{ input_tokens: number }>('countTokens', { input: 'How many tokens is this?' });

    expect(counted).toMatchObject({ object: 'response.input_tokens' });
    expect(counted.input_tokens).toBeGreaterThan(5);
  });

  it('compacts a conversation', async () => {
    const compacted = await sdk.run<ResponseObject>('compact', { input: [{ role: 'user', content: 'Hello' }] });

    expect(compacted.output.at(-1)).toMatchObject({ type: 'compaction' });
  });

  it('has what the model thought', async () => {
    upstream.replyWith(reasoning('Weighing it', 'Done.'));

    expect(await sdk.run('create', { input: 'Think.', reasoning: { effort: 'high', summary: 'auto' } })).toMatchObject({
      output: [{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'Weighing it' }] }, { type: 'message' }],
      output_text: 'Done.',
    });
    expect(upstream.received.at(-1)?.json()).toMatchObject({ reasoning: { effort: 'high', summary: 'auto' } });
  });

  it('asks twice on one websocket, the second time going on from the first', async () => {
    const turns = await sdk.run<Turn[]>('websocket', 'First. [[turns]]', 'Second. [[turns]]');

    expect(turns.map(({ text }) => text)).toEqual(['TURNS_OK users=1 assistants=0', 'TURNS_OK users=2 assistants=1']);
    expect(turns.map(({ types }) => types.at(-1))).toEqual(['response.completed', 'response.completed']);
  });

  describe('when it goes wrong', () => {
    it('throws BadRequestError with the parameter at fault, and a request id', async () => {
      const rows = (await gateway.ledger()).length;

      expect(await sdk.failure('create', { input: { not: 'a list' } })).toMatchObject({
        class: 'BadRequestError',
        status: 400,
        type: 'invalid_request_error',
        param: 'input',
        requestId: expect.any(String),
      });
      expect(await gateway.ledger()).toHaveLength(rows);
    });

    it('throws AuthenticationError for a wrong key', async () => {
      expect(await sdk.failure('createWith', 'sk-wrong', { input: 'Hi' })).toMatchObject({
        class: 'AuthenticationError',
        status: 401,
        code: 'invalid_api_key',
      });
    });

    it('throws NotFoundError for a response that is not there', async () => {
      expect(await sdk.failure('create', { input: 'Hi', previous_response_id: 'resp_gone' })).toMatchObject({
        class: 'NotFoundError',
        status: 404,
        param: 'previous_response_id',
      });
    });

    it('throws when a stream fails in the middle, and when it is cut, in streams and in whole answers', async () => {
      upstream.replyWith(failedAfter(5, say('Half', ' an answer'), 'server_error', 'It broke.'));
      expect(await sdk.failure('events', { input: 'Hi' })).toMatchObject({
        class: 'APIError',
        code: 'server_error',
        message: expect.stringContaining('It broke.'),
      });
      upstream.replyWith(cutAfter(5, say('Half', ' an answer')));
      expect(await sdk.failure('events', { input: 'Hi' })).toMatchObject({ class: 'APIError', code: 'server_error' });
      upstream.replyWith(cutAfter(5, say('Half', ' an answer')));
      expect(await sdk.failure('create', { input: 'Hi' })).toMatchObject({ class: 'InternalServerError', status: 502 });
    });

    it('throws RateLimitError when the whole Pool is out of quota', async () => {
      upstream.replyWith(burst429(), quota429(3_600), quota429(3_600));

      expect(await sdk.failure('create', { input: 'Hi' })).toMatchObject({
        class: 'RateLimitError',
        status: 429,
        requestId: expect.any(String),
      });
    });
  });
});
