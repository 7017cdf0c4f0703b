import { eventsIn, jsonOf, settlementOf } from '../support/calls.js';
import { ask, PATH, useGateway } from '../support/gateway.js';
import {
  answer,
  compaction,
  compactionPart,
  failedFirstEvent,
  hold,
  html200,
  json,
  message,
  raw,
  reasoningPart,
  say,
  ScriptedUpstream,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream, env: { KEEPALIVE_MS: '200' } });

const COMPACT = `${PATH}/compact`;

const trigger = { type: 'compaction_trigger' };
const history = [
  { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go on.' }] },
  { type: 'function_call_output', call_id: 'c1', output: 'done' },
];
const folding = (over: object = {}) => ask({ input: [...history, trigger], ...over });
const old = (over: object = {}) => ({ model: 'gpt-5.5', input: history, instructions: 'Fold.', ...over });

describe('a Responses request that ends in a compaction_trigger', () => {
  it('is answered with the one item, a completed response and [DONE], and nothing beside them', async () => {
    const items = [reasoningPart('Folding'), compactionPart('gAAAA-folded'), message(['Beside it.'])];
    upstream.replyWith(answer(items, { responseId: 'resp_9', headers: { 'x-codex-turn-state': 'ts-1' } }));

    const response = await gateway.post(folding());
    const text = await response.text();

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('x-codex-turn-state')).toBe('ts-1');
    expect(response.headers.get('x-models-etag')).toBeNull();
    const ordinal = String(upstream.received.at(-1)?.ordinal).padStart(6, '0');
    const item = `{"type":"compaction","encrypted_content":"gAAAA-folded","id":"cmp_${ordinal}_1"}`;
    const used = `{"input_tokens":1200,"input_tokens_details":{"cached_tokens":1024},"output_tokens":48,"output_tokens_details":{"reasoning_tokens":16},"total_tokens":1248}`;
    expect(text).toBe(
      'event: response.output_item.done\n' +
        `data: {"type":"response.output_item.done","item":${item}}\n\n` +
        'event: response.completed\n' +
        `data: {"type":"response.completed","response":{"id":"resp_9","status":"completed","output":[${item}],"usage":${used}}}\n\n` +
        'data: [DONE]\n\n',
    );
    expect(await settlementOf(gateway, response)).toMatchObject({
      route: COMPACT,
      outcome: 'succeeded',
      input_cached: '1024',
      attempt_count: 1,
    });
  });

  it('goes upstream to the same path, byte for byte, with its trigger (trap 37)', async () => {
    const body = JSON.stringify(folding({ store: false, client_metadata: { n: 1.0 } }));
    upstream.replyWith(compaction('gAAAA'));
    await (await gateway.post(body, { path: '/backend-api/codex/v1/responses' })).text();
    const sent = upstream.received.at(-1);
    expect([sent?.path, sent?.header('accept'), sent?.body.toString()]).toEqual([PATH, 'text/event-stream', body]);
  });

  it('keeps the client alive while it collects', async () => {
    const held = hold();
    upstream.replyWith(held);
    const response = await gateway.post(folding());
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    await held.start();
    expect(await reader?.read()).toMatchObject({ value: expect.stringContaining('{"type":"keepalive"}') as string });
    await held.emit({ type: 'response.output_item.done', item: { type: 'compaction', encrypted_content: 'x' } });
    await held.finish();
    let rest = '';
    for (let step = await reader?.read(); step?.value !== undefined; step = await reader?.read()) rest += step.value;
    expect(rest).toMatch(/response\.output_item\.done[^]*response\.completed[^]*\[DONE\]\n\n$/);
  });

  it.each([
    ['in the middle', [trigger, ...history]],
    ['twice', [...history, trigger, trigger]],
    ['after reasoning alone', [{ type: 'reasoning', summary: [], encrypted_content: 'x' }, trigger]],
  ])('is refused with the trigger %s, and nobody is asked (trap 36)', async (_, input) => {
    const before = upstream.received.length;
    const refused = await gateway.post(ask({ input }));
    const error = { type: 'invalid_request_error', code: 'invalid_request', param: 'input' };
    expect(await jsonOf(refused)).toMatchObject({ status: 400, body: { error } });
    expect(upstream.received).toHaveLength(before);
  });

  it('is 502 when there is no item in the answer', async () => {
    upstream.replyWith(say('No item here.'));
    const response = await gateway.post(folding());
    expect(await jsonOf(response)).toMatchObject({
      status: 502,
      body: { error: { type: 'server_error', code: 'invalid_compaction_response' } },
    });
  });

  it('tells a failure in the stream as that failure, without [DONE]', async () => {
    upstream.replyWith(failedFirstEvent('context_length_exceeded'));
    const text = await (await gateway.post(folding())).text();
    expect(eventsIn(text)).toMatchObject([
      { type: 'response.failed', response: { error: { code: 'context_length_exceeded' } } },
    ]);
  });

  it("relays the provider's 4xx as JSON", async () => {
    const body = { error: { message: 'Too long.', type: 'invalid_request_error', code: 'context_length_exceeded' } };
    upstream.replyWith(json(400, body));
    expect(await jsonOf(await gateway.post(folding()))).toEqual({ status: 400, body });
  });
});

describe('a request to the compact endpoint of older CLIs', () => {
  it('is JSON in and out: bytes, status and turn state as they are', async () => {
    const bytes =
      '{ "output":[{"type":"compaction","encrypted_content":"x","n":1.0}], "usage":{"input_tokens":9,"output_tokens":2} }';
    const body = JSON.stringify(old());
    upstream.replyWith(raw([bytes], { 'content-type': 'application/json', 'x-codex-turn-state': 'ts-2' }));

    const response = await gateway.post(body, { path: COMPACT });

    expect([response.status, await response.text()]).toEqual([200, bytes]);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('x-codex-turn-state')).toBe('ts-2');
    expect(response.headers.get('x-models-etag')).toBeNull();
    const sent = upstream.requests('compact').at(-1);
    expect([sent?.path, sent?.body.toString()]).toEqual([COMPACT, body]);
    expect(await settlementOf(gateway, response)).toMatchObject({
      route: COMPACT,
      transport: 'http_json',
      model: 'gpt-5.5',
      outcome: 'succeeded',
      input_uncached: '9',
      output: '2',
    });
  });

  it('is served under the /v1 alias too', async () => {
    const response = await gateway.post(old(), { path: '/backend-api/codex/v1/responses/compact' });
    expect((await jsonOf(response)).body).toMatchObject({ output: [{ type: 'compaction' }] });
    expect((await settlementOf(gateway, response))['route']).toBe('/backend-api/codex/v1/responses/compact');
  });

  it('loses what the endpoint refuses, and nothing else (trap 37)', async () => {
    const body = old({
      stream: false,
      store: false,
      prompt_cache_options: {},
      temperature: 1,
      custom: [1],
      promptCacheKey: 'k',
    });
    await gateway.post({ ...body, input: [...history, trigger] }, { path: COMPACT });
    expect(upstream.requests('compact').at(-1)?.json()).toEqual({ ...old(), custom: [1], prompt_cache_key: 'k' });
  });

  it.each([
    ['tools', { tools: {} }],
    ['parallel_tool_calls', { parallel_tool_calls: 'yes' }],
    ['text', { text: 'low' }],
    ['text', { text: [] }],
    ['input', { input: 'text' }],
    ['input', { input: [] }],
    ['input', { input: [trigger] }],
    ['input', { input: undefined }],
    ['model', { model: '' }],
    ['model', { model: undefined }],
  ])('is refused for a wrong %s: %j', async (param, over) => {
    const before = upstream.count('compact');
    const refused = await gateway.post(old(over), { path: COMPACT });
    expect(await jsonOf(refused)).toMatchObject({ status: 400, body: { error: { code: 'invalid_request', param } } });
    expect(upstream.count('compact')).toBe(before);
  });

  it('may have no input in the lite form', async () => {
    const lite = { 'x-openai-internal-codex-responses-lite': 'true' };
    expect((await gateway.post(old({ input: [] }), { path: COMPACT, headers: lite })).status).toBe(200);
  });

  it.each([
    ['an object without output', json(200, { summary: 'x' })],
    ['a list', json(200, [])],
    ['a page', html200()],
    ['nothing', raw([], { 'content-type': 'application/json' })],
  ])('is 502 when the answer is %s', async (_, reply) => {
    upstream.replyWith(reply);
    const response = await gateway.post(old(), { path: COMPACT });
    expect(await jsonOf(response)).toMatchObject({
      status: 502,
      body: { error: { code: 'invalid_compaction_response' } },
    });
  });
});
