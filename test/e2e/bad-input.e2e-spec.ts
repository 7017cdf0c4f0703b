import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { jsonOf, settlementOf } from '../support/calls.js';
import { ask, hello, PATH, useGateway } from '../support/gateway.js';
import { refusal } from '../support/http-app.js';
import { newPool } from '../support/pools.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { zstdRepeated, zstdStored } from '../support/zstd-frame.js';

const ROUTES = [PATH, '/backend-api/codex/v1/responses'];
const MIB = 1024 * 1024;
const JSON_BYTES = Buffer.from(JSON.stringify(ask({ unknown_field: { n: 1.5, text: 'ü' } })));

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

/** Neither the upstream nor the ledger hears of what is refused here. */
function refusedBeforeAnybodyIsAsked(): void {
  let calls = 0;
  let rows = 0;
  beforeEach(async () => {
    calls = upstream.count('responses');
    rows = (await gateway.ledger()).length;
  });
  afterEach(async () => {
    expect(upstream.count('responses')).toBe(calls);
    expect(await gateway.ledger()).toHaveLength(rows);
  });
}

/** The answer is this refusal, in our words, and the gateway serves the next request. */
async function expectRefusal(answer: Response, status: number, code: string, param: string | null = null) {
  expect(await jsonOf(answer)).toEqual({ status, body: refusal(code, param) });
  expect(answer.headers.get('x-pooler-error-source')).toBe('gateway');
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
}

describe.each(ROUTES)('POST %s', (path) => {
  refusedBeforeAnybodyIsAsked();

  it.each<[string, string | Buffer, string | null]>([
    ['an open brace', '{', null],
    ['half an object', '{"model":"gpt-5.5"', null],
    ['an array', '[]', null],
    ['null', 'null', null],
    ['a number', '7', null],
    ['text', '"text"', null],
    ['no JSON', 'model=gpt-5.5', null],
    ['two objects', '{}{}', null],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), null],
    ['an empty body', '', 'model'],
    ['an empty object', '{}', 'model'],
    ['a model that is no text', '{"model":7,"input":[]}', 'model'],
    ['a blank model', '{"model":"  ","input":[]}', 'model'],
    ['no input', '{"model":"gpt-5.5"}', 'input'],
    ['an input that is text', '{"model":"gpt-5.5","input":"hi"}', 'input'],
    ['an input that is null', '{"model":"gpt-5.5","input":null}', 'input'],
    ['tools that are no list', '{"model":"gpt-5.5","input":[],"tools":{}}', 'tools'],
    ['a stream that is text', '{"model":"gpt-5.5","input":[],"stream":"yes"}', 'stream'],
  ])('answers 400 invalid_request to %s', async (_, body, param) => {
    await expectRefusal(await gateway.post(body, { path }), 400, 'invalid_request', param);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'nonsense'])(
    'answers 400 invalid_request to a body that says it is %s',
    async (type) => {
      const answer = await gateway.post(JSON_BYTES, { path, headers: { 'content-type': type } });
      await expectRefusal(answer, 400, 'invalid_request');
    },
  );

  it.each<[string, Record<string, string>, Buffer, number, string]>([
    ['an encoding that nobody knows', { 'content-encoding': 'lzma' }, JSON_BYTES, 415, 'unsupported_content_encoding'],
    [
      'a name that every object has',
      { 'content-encoding': 'constructor' },
      JSON_BYTES,
      415,
      'unsupported_content_encoding',
    ],
    [
      'a compressed body that is not JSON',
      { 'content-encoding': 'gzip', 'content-type': 'text/plain' },
      gzipSync(JSON_BYTES),
      415,
      'unsupported_media_type',
    ],
    ['gzip that is none', { 'content-encoding': 'gzip' }, JSON_BYTES, 400, 'invalid_request'],
    ['gzip that stops', { 'content-encoding': 'gzip' }, gzipSync(JSON_BYTES).subarray(0, -9), 400, 'invalid_request'],
    [
      'gzip that goes on after its end',
      { 'content-encoding': 'gzip' },
      Buffer.concat([gzipSync(JSON_BYTES), Buffer.from('more')]),
      400,
      'invalid_request',
    ],
    ['deflate that is none', { 'content-encoding': 'deflate' }, Buffer.alloc(64, 0xff), 400, 'invalid_request'],
    ['br that is none', { 'content-encoding': 'br' }, JSON_BYTES, 400, 'invalid_request'],
    ['zstd that is none', { 'content-encoding': 'zstd' }, JSON_BYTES, 400, 'invalid_request'],
    ['a compressed array', { 'content-encoding': 'gzip' }, gzipSync('[]'), 400, 'invalid_request'],
    [
      'a gzip bomb',
      { 'content-encoding': 'gzip' },
      gzipSync(Buffer.alloc(40 * MIB, 0x20)),
      413,
      'decompression_ratio_exceeded',
    ],
    ['a zstd bomb', { 'content-encoding': 'zstd' }, zstdRepeated(' ', 1024 * MIB), 413, 'decompression_ratio_exceeded'],
    [
      'a br bomb',
      { 'content-encoding': 'br' },
      brotliCompressSync(Buffer.alloc(40 * MIB)),
      413,
      'decompression_ratio_exceeded',
    ],
    [
      'more than 64 MiB once decompressed',
      { 'content-encoding': 'zstd' },
      Buffer.concat([zstdStored(Buffer.alloc(MIB, 0x20)), zstdRepeated(' ', 64 * MIB)]),
      413,
      'decompressed_request_too_large',
    ],
    [
      'more than 32 MiB while compressed',
      { 'content-encoding': 'zstd' },
      zstdStored(Buffer.alloc(32 * MIB, 0x20)),
      413,
      'compressed_request_too_large',
    ],
  ])('answers %s with its own refusal', async (_, headers, body, status, code) => {
    await expectRefusal(await gateway.post(body, { path, headers }), status, code);
  });

  it('answers 413 to 64 MiB and one byte', async () => {
    const body = Buffer.alloc(64 * MIB + 1, 0x20);
    await expectRefusal(await gateway.post(body, { path }), 413, 'decompressed_request_too_large');
  });
});

describe('a good body', () => {
  it.each<[string, Buffer]>([
    ['gzip', gzipSync(JSON_BYTES)],
    ['deflate', deflateSync(JSON_BYTES)],
    ['deflate', deflateRawSync(JSON_BYTES)],
    ['br', brotliCompressSync(JSON_BYTES)],
    ['zstd', zstdStored(JSON_BYTES)],
    ['GZIP, br', gzipSync(JSON_BYTES)],
    ['identity', JSON_BYTES],
  ])('sent as %s reaches the upstream plain, byte for byte', async (encoding, body) => {
    upstream.replyWith(hello());

    const answer = await gateway.post(body, { headers: { 'content-encoding': encoding } });

    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('response.completed')]);
    const arrived = upstream.received.at(-1);
    expect(arrived?.body.equals(JSON_BYTES)).toBe(true);
    expect(arrived?.header('content-encoding')).toBeUndefined();
    expect(arrived?.header('content-length')).toBe(String(JSON_BYTES.length));
  });

  it.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.codex+json'])(
    'may call itself %s',
    async (type) => {
      upstream.replyWith(hello());
      const answer = await gateway.post(JSON_BYTES, { headers: { 'content-type': type } });
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('response.completed')]);
    },
  );

  it('may be 64 MiB large', async () => {
    const body = Buffer.alloc(64 * MIB, 0x20);
    JSON_BYTES.copy(body);
    upstream.replyWith(hello());
    const answer = await gateway.post(body);
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('response.completed')]);
    expect(upstream.received.at(-1)?.body.length).toBe(body.length);
  });
});

describe('a model that cannot be served', () => {
  it('is 400 invalid_model when no account lists it, with a row and no attempt', async () => {
    const before = upstream.count('responses');
    const answer = await gateway.post(ask({ model: 'gpt-0' }));
    await expectRefusal(answer, 400, 'invalid_model', 'model');
    expect(upstream.count('responses')).toBe(before);
    const row = await settlementOf(gateway, answer);
    expect(row).toMatchObject({ status: 'failed', error_code: 'invalid_model', blame: 'client', attempt_count: 0 });
    expect(row['decision']).toMatchObject({
      exclusions: [{ reason: 'model_not_served' }, { reason: 'model_not_served' }],
    });
  });

  it('is 503 no_eligible_backend in a Pool without accounts', async () => {
    const empty = await newPool(gateway, upstream, []);
    const { status, body } = await jsonOf(await empty.post(ask()));
    expect([status, body['error']]).toMatchObject([503, { code: 'no_eligible_backend', param: 'model' }]);
  });
});
