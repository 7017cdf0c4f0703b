import { KeyAdminService, PoolService } from '../../src/auth/index.js';
import type { Fields } from '../../src/core/index.js';
import { attemptsOf, eventsIn, jsonOf, settlementOf } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { useGateway, type PostOptions } from '../support/gateway.js';
import {
  answer,
  createdThenFailed,
  cutAfter,
  failedFirstEvent,
  functionCall,
  hold,
  incomplete,
  json,
  message,
  reasoningPart,
  say,
  ScriptedUpstream,
} from '../support/scripted-upstream/index.js';

const CHAT = '/v1/chat/completions';
const NATIVE = '/backend-api/codex/v1/chat/completions';

describe('POST /v1/chat/completions', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream, env: { KEEPALIVE_MS: '150' } });

  const chat = (over: object = {}): object => ({
    model: 'gpt-5.5',
    messages: [
      { role: 'system', content: 'Be terse.' },
      { role: 'user', content: 'Say hello.' },
    ],
    ...over,
  });
  const post = (over: object = {}, options: PostOptions = {}) => gateway.post(chat(over), { path: CHAT, ...options });
  const sent = () => upstream.received.at(-1)?.json() as Fields;
  const keyFor = async (slug: string, settings: Parameters<PoolService['createPool']>[1]) => {
    const { id } = await gateway.get(PoolService).createPool(slug, settings);
    return { poolId: id, key: (await gateway.get(KeyAdminService).createKey(id, slug)).token };
  };

  it('answers in one piece and settles the usage once', async () => {
    upstream.replyWith(say('Hello', ' there'));
    const response = await post();
    const { status, body } = await jsonOf(response);
    expect([status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(body).toMatchObject({
      object: 'chat.completion',
      model: 'gpt-5.5',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello there' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1200, prompt_tokens_details: { cached_tokens: 1024 }, completion_tokens: 48 },
    });
    expect(body).not.toHaveProperty('response_id');
    expect(await settlementOf(gateway, response)).toMatchObject({
      dialect: 'openai-chat',
      transport: 'http_json',
      route: CHAT,
      outcome: 'succeeded',
      input_cached: '1024',
      reasoning: '16',
    });
  });

  it('asks the backend for a stream that is not stored, with the client’s own words', async () => {
    upstream.replyWith(say('ok'));
    await (await post({ max_tokens: 5, stop: 'x', user: 'u', metadata: { a: 'b' }, store: true })).text();
    expect(sent()).toEqual({
      model: 'gpt-5.5',
      instructions: 'Be terse.',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Say hello.' }] }],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      reasoning: {},
      text: { verbosity: 'low' },
      include: ['reasoning.encrypted_content'],
      store: false,
      stream: true,
    });
    expect(upstream.received.at(-1)?.header('accept')).toBe('text/event-stream');
  });

  it('streams chunks as they come, with usage when it is asked for, and [DONE]', async () => {
    const parts = [reasoningPart('Hm.'), message(['Hello', ' there']), functionCall('look', { a: 1 })];
    upstream.replyWith(answer(parts));
    const response = await post({ stream: true, stream_options: { include_usage: true } });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const text = await response.text();
    expect(text).toMatch(
      /"role":"assistant"[^]*"reasoning_content":"Hm\."[^]*"Hello"[^]*" there"[^]*"name":"look"[^]*"finish_reason":"tool_calls"[^]*"choices":\[\],"usage"[^]*data: \[DONE\]\n\n$/,
    );
    expect(text).not.toMatch(/event:/);
    expect(new Set(eventsIn(text.replace('data: [DONE]', '')).map(({ id }) => id)).size).toBe(1);
    expect(await settlementOf(gateway, response)).toMatchObject({ outcome: 'succeeded', output: '32' });
  });

  it('breaks the silence of a stream with comments', async () => {
    const held = hold();
    upstream.replyWith(held);
    const response = await post({ stream: true });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    await held.start();
    expect((await reader?.read())?.value).toBe(': keep-alive\n\n');
    await held.finish();
    await reader?.cancel();
  });

  it('stops in front of a stop sequence and reads on for the usage', async () => {
    upstream.replyWith(say('one E', 'ND two'));
    const response = await post({ stream: true, stop: ['END'], stream_options: { include_usage: true } });
    const text = await response.text();
    expect(text).toContain('"content":"one "');
    expect(text).not.toContain('two');
    expect(text).toMatch(/"finish_reason":"stop"[^]*"total_tokens":1248/);
    expect(await settlementOf(gateway, response)).toMatchObject({ outcome: 'succeeded', output: '32' });
  });

  it('tells of a failed response with the backend’s message and a status', async () => {
    upstream.replyWith(...[1, 2].map(() => createdThenFailed('server_error', 'Broke at noon')));
    expect(await jsonOf(await post())).toMatchObject({
      status: 502,
      body: { error: { message: expect.stringContaining('Broke at') as string, type: 'server_error' } },
    });
    upstream.replyWith(failedFirstEvent('context_length_exceeded', 'Your input exceeds the context window.'));
    expect(await jsonOf(await post())).toMatchObject({
      status: 400,
      body: { error: { code: 'context_length_exceeded', type: 'invalid_request_error' } },
    });
  });

  it('ends a stream that fails midway with the error and [DONE], and never with a finish (trap 18)', async () => {
    upstream.replyWith(cutAfter(6, say('This answer ', 'ends ', 'too ', 'early.')));
    const response = await post({ stream: true });
    const text = await response.text();
    expect(text).toContain('This answer ');
    expect(text).toMatch(/data: \{"error":\{"message":"upstream request failed: [^]*\}\n\ndata: \[DONE\]\n\n$/);
    expect(text).not.toContain('"finish_reason":"');
    expect(await settlementOf(gateway, response)).toMatchObject({
      outcome: 'failed',
      error_code: 'stream_interrupted',
    });
  });

  it('tells a cut answer as one that ran out of length', async () => {
    upstream.replyWith(incomplete('max_output_tokens'));
    expect(await jsonOf(await post())).toMatchObject({
      status: 200,
      body: { choices: [{ message: { content: '' }, finish_reason: 'length' }] },
    });
  });

  it('passes a refusal of the backend on in its own words, without what looks like a credential', async () => {
    const error = { message: 'Unsupported value: x for Bearer abc.def', type: 'invalid_request_error', param: 'thing' };
    upstream.replyWith(json(400, { error }), json(400, { error }));
    for (const path of [CHAT, NATIVE]) {
      const refused = await post({}, { path });
      expect(await jsonOf(refused)).toMatchObject({
        status: 400,
        body: { error: { message: 'Unsupported value: x for ***', param: 'thing' } },
      });
      const id = refused.headers.get('x-request-id') ?? '';
      await eventually(async () => expect(await gateway.settled(id)).toMatchObject({ status: 'failed' }));
    }
  });

  it('refuses what it cannot honour before anything is asked, and notes no call', async () => {
    const [before, rows] = [upstream.received.length, (await gateway.ledger()).length];
    expect(await jsonOf(await post({ logprobs: true }))).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', code: 'unsupported_parameter', param: 'logprobs' } },
    });
    expect(await jsonOf(await post({ messages: [{ role: 'user' }] }))).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', param: 'messages.0.content' } },
    });
    expect([upstream.received.length, (await gateway.ledger()).length]).toEqual([before, rows]);
  });

  it('keeps the client’s key and cookies to itself, and names its sub-agent (X2)', async () => {
    upstream.replyWith(say('ok'));
    await (await post({ subagent: 'review' }, { headers: { cookie: 'session=mine' } })).text();
    const request = upstream.received.at(-1);
    expect(request?.header('x-openai-subagent')).toBe('review');
    expect(JSON.stringify(request?.headers ?? {})).not.toMatch(new RegExp(`session=mine|${gateway.key}`));
    expect(sent()).not.toHaveProperty('subagent');
  });

  it('takes a Responses request that came to the wrong route', async () => {
    upstream.replyWith(say('ok'));
    const { body } = await jsonOf(await gateway.post({ model: 'gpt-5.5', input: 'Hi' }, { path: CHAT }));
    expect(body).toMatchObject({ object: 'chat.completion', choices: [{ message: { content: 'ok' } }] });
    expect(sent()).toMatchObject({ input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }] });
  });

  it('is served on the native path too, past the /v1 gate, and noted under that path', async () => {
    const { poolId, key } = await keyFor('native', { v1Enabled: false });
    const bearer = { headers: { authorization: `Bearer ${key}` } };
    expect((await post({}, bearer)).status).toBe(403);
    const elsewhere = await jsonOf(await post({}, { ...bearer, path: NATIVE }));
    expect(elsewhere).toMatchObject({ status: 503, body: { error: { code: 'no_eligible_backend' } } });
    expect(poolId).not.toBe(gateway.pool.id);
    upstream.replyWith(say('ok'));
    const response = await post({}, { path: NATIVE });
    expect(await jsonOf(response)).toMatchObject({ status: 200, body: { object: 'chat.completion' } });
    expect(await settlementOf(gateway, response)).toMatchObject({ route: NATIVE, dialect: 'openai-chat' });
  });

  it('tells a bad key in the words of the path', async () => {
    const headers = { authorization: 'Bearer nobody' };
    expect(await jsonOf(await post({}, { headers }))).toMatchObject({ status: 401 });
    const bare = await fetch(`${gateway.url}${NATIVE}`, { method: 'POST', body: '{}' });
    expect(await jsonOf(bare)).toMatchObject({ status: 401, body: { error: { code: 'api_key_missing' } } });
  });

  it('cannot go on from an earlier response where the Pool keeps none (C4)', async () => {
    const before = upstream.received.length;
    expect(await jsonOf(await post({ previous_response_id: 'resp_1' }))).toMatchObject({
      status: 400,
      body: { error: { code: 'unsupported_parameter', param: 'previous_response_id' } },
    });
    expect(upstream.received).toHaveLength(before);
  });

  it('gives the stream up when its client leaves', async () => {
    const held = hold();
    upstream.replyWith(held);
    const leaving = new AbortController();
    const response = await post({ stream: true }, { signal: leaving.signal });
    await held.start();
    leaving.abort();
    const settled = await settlementOf(gateway, response);
    expect(settled).toMatchObject({ outcome: 'cancelled' });
    expect(await attemptsOf(gateway, settled)).toHaveLength(1);
  });
});
