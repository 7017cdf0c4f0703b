import { gzipSync } from 'node:zlib';
import { IngressRules, OperatorTokenService } from '../../src/auth/index.js';
import { ControlService } from '../../src/control/index.js';
import { GatewayError } from '../../src/core/index.js';
import { AccountService } from '../../src/upstream/index.js';
import { useGateway } from '../support/gateway.js';
import { askApi, expectProblem, operatorToken, type ApiAnswer } from '../support/operators.js';
import { RawConnection } from '../support/raw-http.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

const POOLS = '/api/v1/pools';

describe("the operators' API", () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  let token = '';
  const ask = (path: string, asked: Parameters<typeof askApi>[2] = {}): Promise<ApiAnswer> =>
    askApi(gateway.url, path, { token, ...asked });
  const make = (slug: string, headers: Record<string, string> = {}) =>
    ask(POOLS, { method: 'POST', body: { slug }, headers });

  beforeAll(async () => {
    ({ token } = await operatorToken(gateway, { scopes: ['admin'] }));
  });
  afterEach(() => jest.restoreAllMocks());

  it('wants a token before it looks at anything else', async () => {
    for (const path of [POOLS, '/api/v1/nowhere', '/api/v1/']) {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const answer = await askApi(gateway.url, path, { method });
        expectProblem(answer, 401, 'unauthorized');
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      }
    }
  });

  it('does an operation, and says who asked in the audit', async () => {
    const made = await make('made');
    expect(made).toMatchObject({ status: 201, body: { slug: 'made', status: 'active' } });
    expect(made.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(made.headers.get('cache-control')).toBe('no-store');
    const listed = await ask(`${POOLS}?limit=1`);
    expect(listed).toMatchObject({ status: 200, body: { items: [{ slug: 'made' }], next: expect.any(String) } });
    const rest = await ask(`${POOLS}?after=${String(listed.body['next'])}`);
    expect(rest.body['items']).toMatchObject([{ slug: 'test' }]);
    const [row] = await gateway
      .database()
      .query<Record<string, unknown>[]>(
        "SELECT action, actor_kind, request_id FROM audit_event WHERE action = 'pool.create' AND outcome = 'success'",
      );
    expect(row).toMatchObject({ actor_kind: 'token', request_id: made.headers.get('x-request-id') });
  });

  it('names the version of a thing, and changes only the one that is meant', async () => {
    await make('versioned');
    const first = await ask(`${POOLS}/versioned`);
    const etag = String(first.headers.get('etag'));
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    const again = await ask(`${POOLS}/versioned`, { headers: { 'if-none-match': etag } });
    expect([again.status, again.headers.get('etag'), again.body]).toEqual([304, etag, {}]);
    const change = (ifMatch: string) =>
      ask(`${POOLS}/versioned`, { method: 'PATCH', body: { name: 'New' }, headers: { 'if-match': ifMatch } });
    const changed = await change(etag);
    expect(changed).toMatchObject({ status: 200, body: { name: 'New' } });
    expectProblem(await change(etag), 412, 'precondition_failed');
    const now = await ask(`${POOLS}/versioned`, { headers: { 'if-none-match': etag } });
    expect([now.status, now.headers.get('etag')]).toEqual([200, changed.headers.get('etag')]);
  });

  it('tells what changes by itself also to who has its version', async () => {
    const [account] = await gateway.get(AccountService).list();
    const paths = [`${POOLS}/test/limits`, `/api/v1/accounts/${account?.id}`];
    for (const path of paths) {
      const first = await ask(path);
      const again = await ask(path, { headers: { 'if-none-match': String(first.headers.get('etag')) } });
      expect([first.status, again.status, Object.keys(again.body)]).toEqual([200, 200, Object.keys(first.body)]);
    }
  });

  it('tries dry only the version that is meant', async () => {
    const dry = (ifMatch: string) =>
      ask(`${POOLS}/test?dryRun=true`, { method: 'PATCH', body: { name: 'New' }, headers: { 'if-match': ifMatch } });
    expectProblem(await dry('"x"'), 412, 'precondition_failed');
    expect(await dry('*')).toMatchObject({ status: 200, body: { dryRun: true } });
  });

  it('answers HEAD as GET, without a body', async () => {
    const [got, headed] = [await ask(`${POOLS}/test`), await ask(`${POOLS}/test`, { method: 'HEAD' })];
    expect([headed.status, headed.headers.get('etag'), headed.body]).toEqual([200, got.headers.get('etag'), {}]);
  });

  it('does a creation once under its key', async () => {
    const key = { 'idempotency-key': 'a-key-of-mine' };
    const [first, second] = [await make('once', key), await make('once', key)];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expectProblem(await make('twice', key), 422, 'unprocessable');
    for (const wrong of ['x'.repeat(256), 'with space', 'ü']) {
      expectProblem(await make('never', { 'idempotency-key': wrong }), 400, 'invalid_input');
    }
    expect((await make('longest', { 'idempotency-key': 'x'.repeat(255) })).status).toBe(201);
  });

  it('tries what is destructive, and refuses wishes that it does not know', async () => {
    const { body: key } = await ask('/api/v1/keys', { method: 'POST', body: { pool: 'test', label: 'dry' } });
    const path = `/api/v1/keys/${String(key['prefix'])}/revoke`;
    const tried = await ask(`${path}?dryRun=true`, { method: 'POST', body: {} });
    expect(tried).toMatchObject({ status: 200, body: { dryRun: true, action: 'key.revoke' } });
    expect((await ask(`/api/v1/keys/${String(key['prefix'])}`)).body).toMatchObject({ status: 'active' });
    expectProblem(await ask(`${path}?dryRun=maybe`, { method: 'POST', body: {} }), 400, 'invalid_input');
    expectProblem(await ask(`${POOLS}?dryRun=true`), 400, 'invalid_input');
    expectProblem(await ask(POOLS, { headers: { 'if-match': '"x"' } }), 400, 'invalid_input');
  });

  it.each<[string, number, string, Parameters<typeof askApi>[2] & { readonly path?: string }]>([
    ['no JSON', 400, 'invalid_request', { body: '{"slug":' }],
    ['a list', 400, 'invalid_request', { body: '[]' }],
    ['a name that it does not know', 400, 'invalid_input', { body: { slug: 'x', colour: 'red' } }],
    ['a value of the wrong kind', 400, 'invalid_input', { body: { slug: 7 } }],
    ['another type', 415, 'unsupported_media_type', { body: 'slug=x', headers: { 'content-type': 'text/plain' } }],
    ['a broken type', 400, 'invalid_request', { body: '{}', headers: { 'content-type': 'a b c' } }],
    [
      'an unknown encoding',
      415,
      'unsupported_content_encoding',
      { body: '{}', headers: { 'content-encoding': 'lzma' } },
    ],
    ['too much', 413, 'request_too_large', { body: { slug: 'x', name: 'x'.repeat(1_100_000) } }],
    ['a field in the query', 400, 'invalid_input', { path: `${POOLS}?slug=x`, body: {} }],
  ])('says what is wrong with %s', async (_, status, code, { path = POOLS, ...asked }) => {
    const answer = await ask(path, { method: 'POST', ...asked });
    expectProblem(answer, status, code);
    expect(JSON.stringify(answer.body)).not.toContain('x'.repeat(100));
  });

  it('names every field that is wrong', async () => {
    const answer = await ask(POOLS, { method: 'POST', body: { slug: 'Big', colour: 'red' } });
    expect(answer.body['errors']).toEqual([
      { path: 'slug', message: expect.any(String) },
      { path: 'colour', message: expect.any(String) },
    ]);
  });

  it('takes a compressed body', async () => {
    const answer = await fetch(`${gateway.url}${POOLS}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync('{"slug":"zipped"}'),
    });
    expect([answer.status, await answer.json()]).toMatchObject([201, { slug: 'zipped' }]);
  });

  it('knows which paths there are, and what they answer to', async () => {
    for (const path of ['/api', '/api/v1', '/api/nowhere']) expectProblem(await ask(path), 404, 'not_found');
    expectProblem(await ask('/api/v1/nowhere'), 404, 'not_found');
    expectProblem(await ask(`${POOLS}/nowhere`), 404, 'not_found');
    for (const method of ['DELETE', 'PUT', 'OPTIONS']) {
      const answer = await ask(POOLS, { method });
      expectProblem(answer, 405, 'method_not_allowed');
      expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
    }
    for (const page of ['/api/v1/openapi.json', '/api/docs']) {
      const answer = await ask(page, { method: 'POST', body: {} });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
  });

  it('refuses methods and paths that no router knows, in the same words', async () => {
    const raw = async (line: string) => {
      const connection = await RawConnection.open(Number(new URL(gateway.url).port));
      const head = [`${line} HTTP/1.1`, 'host: gateway', `authorization: Bearer ${token}`, 'connection: close'];
      const { status, headers, body } = await connection.send(`${head.join('\r\n')}\r\n\r\n`).untilClosed();
      return {
        status,
        type: headers['content-type'],
        allow: headers['allow'],
        code: (JSON.parse(body) as { code: string }).code,
      };
    };
    const type = expect.stringMatching(/^application\/problem\+json/) as string;
    for (const method of ['TRACE', 'PROPFIND']) {
      const refused = { status: 405, type, allow: 'GET, HEAD, POST', code: 'method_not_allowed' };
      expect(await raw(`${method} ${POOLS}`)).toEqual(refused);
    }
    for (const path of [`${POOLS}/%zz`, `${POOLS}/a%2fb`]) {
      expect(await raw(`GET ${path}`)).toMatchObject({ status: 400, type, code: 'invalid_request' });
    }
  });

  it('describes itself to everybody, and its page loads nothing', async () => {
    const described = await askApi(gateway.url, '/api/v1/openapi.json');
    expect(described).toMatchObject({ status: 200, body: { openapi: '3.1.0' } });
    const page = await fetch(`${gateway.url}/api/docs`);
    const html = await page.text();
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).toContain('/api/v1/pools/{pool}');
    expect(html.replace('href="/api/v1/openapi.json"', '')).not.toMatch(/<script|src=|href=|url\(|@import|https?:/i);
    for (const { headers } of [described, page]) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-request-id')).toMatch(/./);
    }
  });

  it('says that it cannot tell who asks, and nothing of what went wrong inside', async () => {
    const away = new GatewayError('settings_unavailable', 'Tokens cannot be checked right now; try again.');
    jest.spyOn(gateway.get(OperatorTokenService), 'authenticate').mockRejectedValueOnce(away);
    expectProblem(await ask(POOLS), 503, 'settings_unavailable');
    jest.spyOn(gateway.get(ControlService), 'run').mockRejectedValueOnce(new Error('the password is hunter2'));
    const broken = await ask(POOLS);
    expectProblem(broken, 500, 'internal');
    expect(JSON.stringify(broken.body)).not.toContain('hunter2');
  });

  it('is asked from the addresses of its own list only', async () => {
    await gateway.get(IngressRules).change({ operatorAllowList: ['192.0.2.0/24'] });
    try {
      for (const path of [POOLS, '/api/docs', '/api/nowhere']) expectProblem(await ask(path), 403, 'access_denied');
    } finally {
      await gateway.get(IngressRules).change({ operatorAllowList: null });
    }
  });
});
