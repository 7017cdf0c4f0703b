import { gzipSync } from 'node:zlib';
import { attemptsOf, eventsIn, jsonOf, settlementOf, typesIn } from '../support/calls.js';
import { ask, hello, useGateway } from '../support/gateway.js';
import { newPool } from '../support/pools.js';
import {
  cutAfter,
  hang,
  html200,
  json,
  junkLine,
  paced,
  raw,
  say,
  ScriptedUpstream,
  truncatedJson,
  type Reply,
} from '../support/scripted-upstream/index.js';

const IDLE_MS = 400;
const MIB = 1024 * 1024;

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream, env: { UPSTREAM_IDLE_MS: String(IDLE_MS), RETRY_WINDOW_MS: '5000' } });

describe.each<[string, () => Reply, number, string, object]>([
  ['HTML with status 200', html200, 502, 'invalid_upstream_response', {}],
  ['HTML in place of JSON', html200, 502, 'invalid_upstream_response', { stream: false }],
  ['JSON that stops half way', truncatedJson, 502, 'invalid_upstream_response', { stream: false }],
  ['JSON in place of a stream', () => json(200, { id: 'resp_1' }), 502, 'invalid_upstream_response', {}],
  ['an empty stream', () => raw([]), 502, 'stream_interrupted', {}],
  ['an empty answer', () => raw([], { 'content-type': 'application/json' }), 502, 'invalid_upstream_response', {}],
  ['a stream of comments', () => raw([': hello\n\n', ': hello\n\n']), 502, 'stream_interrupted', {}],
  ['a line of 8 MiB that does not end', () => junkLine(8 * MIB), 502, 'upstream_response_too_large', {}],
  ['a stream that is cut after created', () => cutAfter(2, say('x')), 502, 'stream_interrupted', {}],
  ['a stream that is reset after created', () => cutAfter(2, say('x'), 'reset'), 502, 'stream_interrupted', {}],
  ['a stream that ends after created', () => cutAfter(2, say('x'), 'end'), 502, 'stream_interrupted', {}],
  [
    'an encoding that nobody knows',
    () => raw(['x'], { 'content-encoding': 'lzma' }),
    502,
    'invalid_upstream_response',
    {},
  ],
  ['gzip that is none', () => raw(['data: {}\n\n'], { 'content-encoding': 'gzip' }), 502, 'stream_interrupted', {}],
  ['silence before the headers', hang, 504, 'upstream_timeout', {}],
  ['silence after created', () => cutAfter(2, say('x'), 'open'), 502, 'stream_idle_timeout', {}],
])('%s', (_, reply, status, code, over) => {
  it(`is one ${code} for the client when there is no other account`, async () => {
    const team = await newPool(gateway, upstream, [{}]);
    upstream.replyWith(reply());

    const answer = await team.post(ask(over));

    expect(await jsonOf(answer)).toEqual({
      status,
      body: { error: { message: expect.any(String) as string, type: 'server_error', code, param: null } },
    });
    expect(answer.headers.get('x-pooler-error-source')).toBe('gateway');
    const row = await settlementOf(gateway, answer);
    expect(row).toMatchObject({ status: 'failed', error_code: code, blame: 'upstream', http_status: status });
    expect(await attemptsOf(gateway, row)).toMatchObject([{ status: 'failed', error_code: code }]);
  });

  it('is nothing to the client when another account serves, and costs the account nothing', async () => {
    const team = await newPool(gateway, upstream, [{}, {}]);
    upstream.replyWith(reply(), hello());

    const answer = await team.post(ask(over));

    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('Hello there')]);
    const row = await settlementOf(gateway, answer);
    expect(row).toMatchObject({ status: 'succeeded', attempt_count: 2, usage_known: true });
    expect((await team.snapshot()).map(({ coolingUntilMs }) => coolingUntilMs)).toEqual([0, 0]);
  });
});

describe('an upstream that nobody listens on', () => {
  it('is a 502 for the client, and serves again as soon as it is back', async () => {
    const port = Number(new URL(upstream.url).port);
    await upstream.stop();
    const refused = await gateway.post(ask());
    await upstream.start(port);
    upstream.replyWith(hello());
    const answered = await gateway.post(ask());

    expect(await jsonOf(refused)).toMatchObject({ status: 502, body: { error: { code: 'upstream_request_failed' } } });
    expect([answered.status, await answered.text()]).toEqual([200, expect.stringContaining('response.completed')]);
    expect(await settlementOf(gateway, refused)).toMatchObject({ status: 'failed', attempt_count: 2 });
  });
});

/** What the client has already when the answer breaks: created, in_progress, the item, its part, the first delta. */
const SEEN = 5;
const answerText = (): Reply & ReturnType<typeof say> => say('Hello', ' there');
const seenText = async (): Promise<string> => {
  upstream.replyWith(answerText());
  const whole = await (await gateway.post(ask())).text();
  return whole.split('\n\n').slice(0, SEEN).join('\n\n');
};

describe.each<[string, () => Reply, string]>([
  ['is cut', () => cutAfter(SEEN, answerText()), 'stream_interrupted'],
  ['is reset', () => cutAfter(SEEN, answerText(), 'reset'), 'stream_interrupted'],
  ['ends without its last event', () => cutAfter(SEEN, answerText(), 'end'), 'stream_interrupted'],
  ['goes silent', () => cutAfter(SEEN, answerText(), 'open'), 'stream_idle_timeout'],
])('an answer that %s in the middle', (_, reply, code) => {
  it('ends for the client in exactly one response.failed, asked of nobody else, settled as failed (trap 12)', async () => {
    const before = upstream.received.length;
    upstream.replyWith(reply());

    const answer = await gateway.post(ask());
    const text = await answer.text();

    const types = typesIn(text);
    expect(types.filter((type) => type === 'response.failed')).toHaveLength(1);
    expect([types.length, types.at(-1)]).toEqual([SEEN + 1, 'response.failed']);
    expect(eventsIn(text).at(-1)?.response).toMatchObject({
      id: expect.any(String) as string,
      status: 'failed',
      error: { code: 'server_error', message: expect.any(String) as string },
    });
    expect(upstream.received).toHaveLength(before + 1);
    const row = await settlementOf(gateway, answer);
    expect(row).toMatchObject({ status: 'failed', error_code: code, blame: 'upstream', usage_known: false });
    expect(row).toMatchObject({ http_status: 200, attempt_count: 1 });
  });
});

it('lets an answer take as long as it likes while something comes (trap 16)', async () => {
  const startedAtMs = Date.now();
  upstream.replyWith(paced(IDLE_MS / 4, say('a', 'b', 'c', 'd', 'e')));

  const answer = await gateway.post(ask());

  expect(typesIn(await answer.text()).at(-1)).toBe('response.completed');
  expect(Date.now() - startedAtMs).toBeGreaterThan(2 * IDLE_MS);
});

it('gives the client every whole event that came before the break, byte for byte', async () => {
  const seen = (await seenText()).replaceAll(/resp_\d+|msg_\d+_0/g, 'id');
  upstream.replyWith(cutAfter(SEEN, answerText()));

  const text = (await (await gateway.post(ask())).text()).replaceAll(/resp_\d+|msg_\d+_0/g, 'id');

  expect(text.startsWith(`${seen}\n\nevent: response.failed\n`)).toBe(true);
});

it('ends an answer with a line of 8 MiB in it in one response.failed (trap 3)', async () => {
  const start = 'data: {"type":"response.output_text.delta","delta":"Hel"}\n\n';
  upstream.replyWith(raw([start, `data: "${'x'.repeat(8 * MIB)}`]));

  const answer = await gateway.post(ask());
  const text = await answer.text();

  expect(typesIn(text)).toEqual(['response.output_text.delta', 'response.failed']);
  expect(text.length).toBeLessThan(1000);
  expect(await settlementOf(gateway, answer)).toMatchObject({ error_code: 'upstream_response_too_large' });
});

it('decodes a stream that is compressed though nobody asked, and says nothing of it (trap 14)', async () => {
  const events =
    'data: {"type":"response.output_text.delta","delta":"é"}\n\ndata: {"type":"response.completed","response":{"id":"resp_1"}}\n\n';
  upstream.replyWith(raw([gzipSync(events)], { 'content-encoding': 'gzip' }));

  const answer = await gateway.post(ask());

  expect(await answer.text()).toBe(events);
  expect(answer.headers.get('content-encoding')).toBeNull();
  expect(upstream.received.at(-1)?.header('accept-encoding') ?? 'identity').toBe('identity');
});
