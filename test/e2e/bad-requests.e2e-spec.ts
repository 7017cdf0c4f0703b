import { KeyAdminService, PoolService } from '../../src/auth/index.js';
import { ask, hello, PATH, useGateway } from '../support/gateway.js';
import { refusal } from '../support/http-app.js';
import { newPool } from '../support/pools.js';
import { bearer, codeOf, connectTo, head, sent } from '../support/raw-calls.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const MIB = 1024 * 1024;
const MODELS = '/backend-api/codex/models';
const UNSUPPORTED =
  '{"error":{"message":"This OpenAI endpoint is not supported by this gateway","type":"invalid_request_error","code":"unsupported_endpoint","param":null}}';

const upstream = new ScriptedUpstream();
const gateway = useGateway({ upstream });

// Nothing in this file may reach the upstream or the ledger, but for the one good call that follows each refusal.
let goodCalls = 0;
afterEach(async () => {
  upstream.replyWith(hello());
  const answer = await gateway.post(ask());
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('response.completed')]);
  goodCalls += 1;
  expect(upstream.count('responses')).toBe(goodCalls);
  expect(await gateway.ledger()).toHaveLength(goodCalls);
});

/** Status and body of a call without a body of its own making. */
async function call(
  method: string,
  path: string,
  headers: Record<string, string> = { authorization: `Bearer ${gateway.key}` },
): Promise<[number, unknown]> {
  const bodied = method === 'POST' || method === 'PUT' || method === 'PATCH';
  const answer = await fetch(`${gateway.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(bodied ? { body: '{' } : {}),
  });
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  const text = await answer.text();
  return [answer.status, text.startsWith('{') ? JSON.parse(text) : text];
}

describe('a path', () => {
  it.each([
    '/backend-api%2fcodex/responses',
    '/backend-api%5ccodex/responses',
    '/backend-api/codex/responses%00',
    '/backend-api/codex/%zz',
    '/backend-api/codex/%',
    '/backend-api/codex/%ff',
    '/v1/responses%2f',
  ])('that cannot be read is 400 invalid_request: %s', async (path) => {
    for (const headers of [bearer(gateway), '']) {
      const answer = await sent(gateway, head(`${headers}content-length: 1\r\n\r\n{`, path));
      expect(codeOf(answer)).toEqual([400, 'invalid_request']);
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it.each<[string, string]>([
    ['POST', '/nothing'],
    ['POST', '/Backend-Api/codex/responses'],
    ['POST', '//backend-api/codex/responses'],
  ])('that is not there is 404: %s %s', async (method, path) => {
    expect(await call(method, path)).toEqual([404, refusal('not_found')]);
  });

  it.each([PATH, '/backend-api/codex/v1/responses'])('needs an upgrade for GET %s', async (path) => {
    expect(await call('GET', path)).toEqual([400, refusal('websocket_upgrade_required')]);
    expect(await call('GET', path, {})).toEqual([401, refusal('api_key_missing')]);
  });
});

describe('the /v1 gate', () => {
  it.each([
    'POST /v1/embeddings',
    'POST /v1/%65mbeddings',
    'GET /v1/responses/resp_1',
    'GET /v1/realtime',
    'GET /v1/x',
  ])('answers %s with the exact unsupported answer, once it knows the key', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const [status, body] = await call(method, path);
    expect([status, JSON.stringify(body)]).toEqual([404, UNSUPPORTED]);
    expect(await call(method, path, {})).toEqual([401, refusal('invalid_api_key')]);
  });

  it('answers 403 to a Pool that has no /v1, before it looks at the route or the body', async () => {
    const closed = await newPool(gateway, upstream, [], { v1Enabled: false });
    const authorization = `Bearer ${closed.key}`;
    for (const path of ['/v1/responses', '/v1/embeddings', '/v1/nothing']) {
      expect(await call('POST', path, { authorization })).toEqual([403, refusal('v1_compatibility_disabled')]);
    }
  });
});

describe('a caller', () => {
  it.each<[string, (key: string) => Record<string, string>]>([
    ['without a key', () => ({})],
    ['with x-api-key only', (key) => ({ 'x-api-key': key })],
    ['with no scheme', (key) => ({ authorization: key })],
    ['with two spaces', (key) => ({ authorization: `Bearer  ${key}` })],
    ['with a key that is cut', (key) => ({ authorization: `Bearer ${key.slice(0, -1)}` })],
    ['with the key in a cookie', (key) => ({ cookie: `key=${key}` })],
    [
      "with an upstream account's token",
      () => ({ authorization: `Bearer ${upstream.accounts[0]?.login.accessToken ?? ''}` }),
    ],
  ])('%s is 401, with the code that the clients of each surface know', async (_, headers) => {
    for (const [method, path, code] of [
      ['POST', PATH, 'api_key_missing'],
      ['GET', MODELS, 'api_key_missing'],
      ['POST', '/v1/responses', 'invalid_api_key'],
    ] as const) {
      expect(await call(method, path, headers(gateway.key))).toEqual([401, refusal(code)]);
    }
  });

  it('may write the scheme in any case on /v1, and only there', async () => {
    const headers = { authorization: `bearer ${gateway.key}` };
    expect((await call('GET', '/v1/models', headers))[0]).toBe(200);
    expect(await call('GET', MODELS, headers)).toEqual([401, refusal('api_key_missing')]);
  });

  it('is known by the first of two authorization headers', async () => {
    const answer = await sent(
      gateway,
      head(`authorization: Bearer nobody\r\n${bearer(gateway)}content-length: 2\r\n\r\n{}`),
    );
    expect(codeOf(answer)).toEqual([401, 'api_key_missing']);
  });

  it('is refused as soon as its key is revoked', async () => {
    const keys = gateway.get(KeyAdminService);
    const { key, token } = await keys.createKey(gateway.pool.id, 'short-lived');
    const authorization = `Bearer ${token}`;
    expect((await call('GET', MODELS, { authorization }))[0]).toBe(200);
    await keys.revokeKey(key.prefix);
    expect(await call('POST', PATH, { authorization })).toEqual([401, refusal('api_key_revoked')]);
  });

  it('is unknown while its Pool is switched off', async () => {
    const resting = await newPool(gateway, upstream, []);
    const authorization = `Bearer ${resting.key}`;
    await gateway.get(PoolService).createPool(resting.pool.slug, { status: 'disabled' });
    expect(await call('POST', PATH, { authorization })).toEqual([401, refusal('api_key_missing')]);
  });

  it('without a key gets its answer at once, though it announces 100 MB and sends some', async () => {
    const connection = await connectTo(gateway);
    connection.send(head(`content-length: ${100 * MIB}\r\n\r\n`)).send(Buffer.alloc(MIB));
    const answer = await connection.until('}}');
    connection.close();
    expect([...codeOf(answer), answer.headers['connection']]).toEqual([401, 'api_key_missing', 'close']);
  });
});

describe('x-request-id', () => {
  it.each<[string, string, boolean]>([
    ['a well-formed one', 'client-request-0123456789', true],
    ['one that is too short', 'short', false],
    ['one with a space', 'client request 0123456789', false],
    ['one of 201 characters', 'x'.repeat(201), false],
  ])('of the client comes back when it is %s', async (_, id, echoed) => {
    const answer = await fetch(`${gateway.url}${MODELS}`, { headers: { 'x-request-id': id } });
    expect([answer.status, answer.headers.get('x-request-id') === id]).toEqual([401, echoed]);
    await answer.text();
  });
});
