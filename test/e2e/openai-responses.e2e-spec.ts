import { eventsIn, jsonOf, settlementOf, typesIn } from '../support/calls.js';
import { eventually } from '../support/eventually.js';
import { hello, useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import {
  answer,
  burst429,
  createdThenFailed,
  cutAfter,
  failedFirstEvent,
  hold,
  incomplete,
  json,
  message,
  reasoningPart,
  ScriptedUpstream,
  type Reply,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream, env: { KEEPALIVE_MS: '200' } });

const PATH = '/v1/responses';
const ask = (over: object = {}) => ({ model: 'gpt-5.5', input: 'Say hello.', ...over });
const post = (over: object = {}, more: { readonly path?: string; readonly signal?: AbortSignal } = {}) =>
  gateway.post(ask(over), { path: PATH, ...more });
/** A Pool whose only account always answers so. */
async function alone(reply: () => Reply) {
  const pool = await newPool(gateway, upstream, [{}]);
  for (const account of pool.accounts) account.script = reply;
  return (over: object) => pool.post(ask(over), { path: PATH });
}
const sent = () => upstream.received.at(-1)?.json() as Record<string, unknown>;
const whole = () => answer([reasoningPart('Thinking'), message(['Hel', 'lo'])], { responseId: 'resp_w' });

const SETTLED = {
  route: PATH,
  dialect: 'openai-responses',
  outcome: 'succeeded',
  input_uncached: '176',
  input_cached: '1024',
  output: '32',
  reasoning: '16',
  attempt_count: 1,
};

describe('POST /v1/responses', () => {
  it('streams the events of the answer, numbered, as an event stream (trap 15)', async () => {
    upstream.replyWith(whole());
    const response = await post({ stream: true });
    const text = await response.text();

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('x-codex-turn-state')).toBeNull();
    const seen = eventsIn(text);
    expect(seen.map(({ sequence_number: number }) => number)).toEqual([...seen.keys()]);
    expect([seen[0]?.type, seen.at(-1)?.type]).toEqual(['response.created', 'response.completed']);
    expect(text).not.toContain('[DONE]');
    expect(seen.at(-1)?.response).toMatchObject({ id: 'resp_w', status: 'completed', previous_response_id: null });
    expect(await settlementOf(gateway, response)).toMatchObject(SETTLED);
  });

  it('answers with the same response as JSON, and the same row in the ledger', async () => {
    upstream.replyWith(whole(), whole());
    const response = await post();
    const { status, body } = await jsonOf(response);
    const streamed = eventsIn(await (await post({ stream: true })).text()).at(-1)?.response;

    expect(status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    // Each part of an answer has ids of its request.
    const idless = (value: unknown) => JSON.stringify(value).replace(/0000\d\d_/g, '');
    expect(idless(body)).toBe(idless(streamed));
    expect(body).toMatchObject({
      object: 'response',
      output: [{ type: 'reasoning' }, { content: [{ text: 'Hello' }] }],
    });
    expect(await settlementOf(gateway, response)).toMatchObject(SETTLED);
  });

  it('asks the backend for a stream that is not stored, under our own name', async () => {
    upstream.replyWith(hello());
    await post({ store: true, metadata: { a: 'b' }, max_output_tokens: 9 });
    expect(sent()).toMatchObject({ model: 'gpt-5.5', store: false, stream: true, input: [{ role: 'user' }] });
    expect(sent()).not.toHaveProperty('metadata');
    expect(sent()).not.toHaveProperty('max_output_tokens');
    expect(upstream.received.at(-1)?.header('originator')).toBe('codex-pooler');
  });

  it('is 200 for an answer that was cut for its length', async () => {
    upstream.replyWith(incomplete('max_output_tokens'));
    const { status, body } = await jsonOf(await post());
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });

  it('shows a silent stream that it is alive, by a comment', async () => {
    const held = hold();
    upstream.replyWith(held);
    const response = await post({ stream: true });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect(await reader?.read()).toMatchObject({ value: ': keepalive\n\n' });
    await held.finish();
    await reader?.cancel();
  });

  it('stops the upstream when its client leaves, and settles', async () => {
    const held = hold();
    upstream.replyWith(held);
    const client = new AbortController();
    const response = await post({ stream: true }, { signal: client.signal });
    const request = await held.opened;
    await held.start();
    await held.text('begun');
    client.abort();
    await request.closed;
    expect(await settlementOf(gateway, response)).toMatchObject({ outcome: 'cancelled', route: PATH });
  });

  it('stops the upstream when a client leaves that waits for JSON', async () => {
    const held = hold();
    upstream.replyWith(held);
    const client = new AbortController();
    const waiting = post({}, { signal: client.signal }).catch(() => undefined);
    const request = await held.opened;
    client.abort();
    await Promise.all([request.closed, waiting]);
    await eventually(async () => expect((await gateway.ledger()).at(-1)).toMatchObject({ outcome: 'cancelled' }));
  });
});

describe('a failed answer', () => {
  it.each([
    [
      'a 400 of the backend',
      () => json(400, { error: { message: 'Unsupported value: x', code: 'unsupported_value' } }),
      400,
      'unsupported_value',
    ],
    [
      'its response, for the request',
      () => failedFirstEvent('context_length_exceeded'),
      400,
      'context_length_exceeded',
    ],
    ['its response, for the upstream', () => createdThenFailed('weird_thing'), 502, 'weird_thing'],
    ['no end', () => cutAfter(5, hello()), 502, 'server_error'],
  ])('is an OpenAI error in JSON: by %s (C25)', async (_, reply, status, code) => {
    upstream.replyWith(reply());
    const response = await post();
    expect(await jsonOf(response)).toMatchObject({ status, body: { error: { code, param: null } } });
    expect(await settlementOf(gateway, response)).toMatchObject({ status: 'failed' });
  });

  it('is 429, also for a stream, when the only account is limited for a moment', async () => {
    const send = await alone(() => burst429());
    const { status, body } = await jsonOf(await send({ stream: true }));
    expect([status, body]).toMatchObject([429, { error: { type: 'rate_limit_error' } }]);
  });

  it('ends a stream in response.failed, told without the words of the upstream about others', async () => {
    upstream.replyWith(createdThenFailed('weird_thing', 'No, access_token=tok_abcdefghijk of org-abcdef123.'));
    const response = await post({ stream: true });
    const text = await response.text();
    expect(eventsIn(text).at(-1)).toMatchObject({
      type: 'response.failed',
      error: { code: 'weird_thing', type: 'server_error' },
      response: { status: 'failed', output: [], usage: null },
    });
    expect(text).not.toMatch(/tok_abc|org-abc/);
  });

  const full = whole();
  const total = full.plan.frames({ ordinal: 1, json: () => ({}) }).length;

  it.each(Array.from({ length: total }, (_, count) => count))(
    'never looks finished: cut after event %i (T4, G3)',
    async (count) => {
      const send = await alone(() => cutAfter(count, full));
      const response = await send({ stream: true });
      const text = await response.text();
      if (response.status !== 200) expect(JSON.parse(text)).toMatchObject({ error: { code: 'server_error' } });
      else expect(typesIn(text).filter((type) => type === 'response.failed')).toHaveLength(1);
      expect(text).not.toContain('response.completed');
      expect(await settlementOf(gateway, response)).toMatchObject({
        status: 'failed',
        error_code: 'stream_interrupted',
      });
    },
  );
});

describe('a request that is refused', () => {
  it.each([
    ['model', { model: undefined }],
    ['input', { input: 7 }],
    ['stream', { stream: 'yes' }],
    ['previous_response_id', { previous_response_id: 'resp_0' }],
  ])('names %s, asks nobody and leaves no row', async (param, over) => {
    const [calls, rows] = [upstream.received.length, (await gateway.ledger()).length];
    const { status, body } = await jsonOf(await post(over));
    expect([status, body]).toMatchObject([400, { error: { type: 'invalid_request_error', param } }]);
    expect([upstream.received.length, (await gateway.ledger()).length]).toEqual([calls, rows]);
  });

  it('is 426 for a plain GET (C8)', async () => {
    const response = await fetch(`${gateway.url}${PATH}`, { headers: { authorization: `Bearer ${gateway.key}` } });
    expect(response.status).toBe(426);
    expect(response.headers.get('upgrade')).toBe('websocket');
    expect(await response.json()).toMatchObject({ error: { code: 'websocket_upgrade_required' } });
  });
});
