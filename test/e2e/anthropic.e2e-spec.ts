import { PoolService } from '../../src/auth/index.js';
import { jsonOf, settlementOf } from '../support/calls.js';
import { useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import {
  burst429,
  cutAfter,
  failedFirstEvent,
  hold,
  json,
  overloaded503,
  quota429,
  say,
  ScriptedUpstream,
  usage,
  type RecordedRequest,
} from '../support/scripted-upstream/index.js';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream, env: { KEEPALIVE_MS: '1000' } });

const MESSAGES = '/v1/messages';
const hi = [{ role: 'user', content: 'Hi' }];
const asked = (over: object = {}) => ({ model: 'claude-sonnet-4-6', max_tokens: 200, messages: hi, ...over });
const send = (over: object = {}, path = MESSAGES, headers: Record<string, string> = {}) =>
  gateway.post(asked(over), { path, headers });
const requests = (): readonly RecordedRequest[] => upstream.requests('responses');
const last = (): RecordedRequest => {
  const request = requests().at(-1);
  if (request === undefined) throw new Error('Nothing reached the upstream.');
  return request;
};
const sent = (): Record<string, unknown> => last().json() as Record<string, unknown>;
const unknownKey = `sk-cxp-${'0'.repeat(12)}-${'A'.repeat(43)}`;

interface SeenEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

const eventsIn = (text: string): SeenEvent[] =>
  text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const [first = '', second = ''] = block.split('\n');
      return {
        event: first.slice('event: '.length),
        data: JSON.parse(second.slice('data: '.length)) as SeenEvent['data'],
      };
    });

beforeAll(async () => {
  await gateway.get(PoolService).createPool('test', { anthropicModels: [['claude-*', 'gpt-5.5']] });
});

describe('POST /v1/messages', () => {
  it('answers a client of Anthropic with a message, under the name that it asked for', async () => {
    upstream.replyWith(say('Hello', ' there'));
    const answer = await send({ system: 'Be brief.' });
    expect(answer.headers.get('request-id')).toBe(answer.headers.get('x-request-id'));
    expect(await jsonOf(answer)).toEqual({
      status: 200,
      body: {
        id: expect.stringMatching(/^msg_[0-9a-f]{32}$/) as string,
        type: 'message',
        role: 'assistant',
        model: 'claude-sonnet-4-6',
        content: [{ type: 'text', text: 'Hello there' }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: expect.objectContaining({ input_tokens: expect.any(Number) as number }) as object,
      },
    });
    expect(sent()).toMatchObject({ model: 'gpt-5.5', instructions: 'Be brief.', stream: true, store: false });
    expect(sent()).not.toHaveProperty('max_output_tokens');
  });

  it('is in the ledger as what it was, with the tokens that it cost', async () => {
    upstream.replyWith(say('Hello', { usage: usage(12, 4, 7, 2) }));
    const answer = await send();
    expect((await jsonOf(answer)).body['usage']).toMatchObject({
      input_tokens: 8,
      cache_read_input_tokens: 4,
      output_tokens: 7,
    });
    expect(await settlementOf(gateway, answer)).toMatchObject({
      dialect: 'anthropic-messages',
      route: MESSAGES,
      outcome: 'succeeded',
      input_uncached: '8',
      input_cached: '4',
    });
  });

  it('takes the key as x-api-key, and sends none of it on', async () => {
    upstream.replyWith(say('Hello'));
    const answer = await fetch(`${gateway.url}${MESSAGES}?beta=true`, {
      method: 'POST',
      headers: { 'x-api-key': gateway.key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify(asked()),
    });
    expect(answer.status).toBe(200);
    expect(last().header('x-api-key')).toBeUndefined();
    expect(last().header('anthropic-version')).toBeUndefined();
    expect(last().header('authorization')).not.toContain(gateway.key);
  });

  it.each<[string, Record<string, string>]>([
    ['no key', {}],
    ['a wrong key', { authorization: `Bearer ${unknownKey}` }],
    ['a wrong x-api-key', { 'x-api-key': unknownKey }],
  ])('refuses %s in the form of Anthropic', async (_, headers) => {
    for (const path of [MESSAGES, `${MESSAGES}/count_tokens`, `${MESSAGES}/compact`]) {
      const answer = await fetch(`${gateway.url}${path}`, { method: 'POST', headers, body: '{' });
      expect(await jsonOf(answer)).toMatchObject({
        status: 401,
        body: { type: 'error', error: { type: 'authentication_error' }, request_id: expect.any(String) as string },
      });
    }
  });

  it('refuses two keys that are not the same', async () => {
    expect((await send({}, MESSAGES, { 'x-api-key': unknownKey })).status).toBe(401);
  });

  it('takes no x-api-key on other routes', async () => {
    const answer = await fetch(`${gateway.url}/v1/models`, { headers: { 'x-api-key': gateway.key } });
    expect(answer.status).toBe(401);
  });

  it.each<[string, RequestInit & { readonly path?: string }, number, string]>([
    ['another method', { method: 'GET' }, 404, 'not_found_error'],
    ['a route that is not there', { method: 'POST', path: `${MESSAGES}/batches` }, 404, 'not_found_error'],
    ['what is not JSON', { method: 'POST', body: '{' }, 400, 'invalid_request_error'],
    ['a model that nobody serves', { method: 'POST', body: '{"model":"claudette"}' }, 400, 'invalid_request_error'],
  ])(
    'says of %s in the form of Anthropic that it is an error',
    async (_, { path = MESSAGES, ...init }, status, type) => {
      const headers = { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' };
      const answer = await fetch(`${gateway.url}${path}`, { ...init, headers });
      expect(await jsonOf(answer)).toMatchObject({ status, body: { type: 'error', error: { type } } });
    },
  );

  it('asks nothing upstream for a request that is wrong, and keeps no row of it', async () => {
    const [before, rows] = [requests().length, (await gateway.ledger()).length];
    const answer = await send({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] });
    expect(await jsonOf(answer)).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', message: expect.stringContaining('tools.0.type') as string } },
    });
    expect([requests().length, (await gateway.ledger()).length]).toEqual([before, rows]);
  });

  it('knows no Claude name in a Pool without a map (C11)', async () => {
    const { key } = await newPool(gateway, upstream, [{}]);
    const answer = await send({}, MESSAGES, { authorization: `Bearer ${key}` });
    expect(await jsonOf(answer)).toMatchObject({ status: 404, body: { error: { type: 'not_found_error' } } });
  });
});

describe('a stream of POST /v1/messages', () => {
  it('begins before the upstream says a word, pings while it is silent, and ends with message_stop (T13)', async () => {
    const held = hold();
    upstream.replyWith(held);
    const answer = await send({ stream: true });
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const next = async () => new TextDecoder().decode((await reader.read()).value);
    expect(await next()).toContain('event: message_start');
    expect(await next()).toBe('event: ping\ndata: {"type":"ping"}\n\n');
    await held.start();
    await held.text('Hi');
    await held.finish();
    let rest = '';
    while (!rest.includes('message_stop')) rest += await next();
    expect(eventsIn(rest).map(({ event }) => event)).toEqual([
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  it('ends with one error event when the upstream fails or falls silent, never with message_stop (T4)', async () => {
    const failing = hold();
    for (const reply of [cutAfter(5, say('one', 'two', 'three')), failing]) {
      upstream.replyWith(reply);
      const answered = send({ stream: true });
      if (reply === failing) {
        await failing.text('one');
        const error = { code: 'server_error', message: 'model exploded' };
        await failing.emit({ type: 'response.failed', response: { status: 'failed', error } });
      }
      const events = eventsIn(await (await answered).text());
      expect(events.at(-1)).toMatchObject({ event: 'error', data: { type: 'error', error: { type: 'api_error' } } });
      expect(events.filter(({ event }) => event === 'message_stop' || event === 'error')).toHaveLength(1);
    }
  });

  it('has the status of a failure that comes before its first event', async () => {
    upstream.replyWith(failedFirstEvent('context_length_exceeded', 'Your input exceeds the context window.'));
    expect(await jsonOf(await send({ stream: true }))).toMatchObject({
      status: 400,
      body: {
        error: { type: 'invalid_request_error', message: expect.stringMatching(/prompt is too long/) as string },
      },
    });
  });

  it('stops its text at a stop sequence', async () => {
    upstream.replyWith(say('one ST', 'OP two'));
    const events = eventsIn(await (await send({ stream: true, stop_sequences: ['STOP'] })).text());
    const texts = events.flatMap(({ data }) => (data['delta'] as { text?: string } | undefined)?.text ?? []);
    expect(texts.join('')).toBe('one ');
    expect(events.at(-2)?.data).toMatchObject({ delta: { stop_reason: 'stop_sequence', stop_sequence: 'STOP' } });
    expect(sent()).not.toHaveProperty('stop');
  });
});

describe('failures of POST /v1/messages', () => {
  it.each([
    ['a usage limit', quota429(3600), 429, 'rate_limit_error'],
    ['a burst', burst429(), 429, 'rate_limit_error'],
    ['an overload', overloaded503(), 529, 'overloaded_error'],
    ['a failure of the upstream', json(500, { error: { message: 'down' } }), 502, 'api_error'],
    ['a refusal', json(422, { error: { message: 'Invalid value.' } }), 422, 'invalid_request_error'],
  ])('tell %s in the form of Anthropic (A28)', async (_, reply, status, type) => {
    const { key, accounts } = await newPool(gateway, upstream, [{}], { anthropicModels: [['claude-*', 'gpt-5.5']] });
    accounts[0]?.replyWith(reply);
    const answer = await send({}, MESSAGES, { authorization: `Bearer ${key}` });
    expect(await jsonOf(answer)).toMatchObject({ status, body: { type: 'error', error: { type } } });
  });
});
