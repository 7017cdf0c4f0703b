import type { IncomingMessage } from 'node:http';
import { CallBody, collect, type AccountId, type RoutedCall } from '../../core/index.js';
import { fakeJwt } from '../../../test/support/fake-login.js';
import { bodyOf, useTinyServer } from '../../../test/support/tiny-server.js';
import { aCall } from '../../../test/support/upstream-services.js';
import { CodexKind } from './codex-kind.service.js';
import { CodexOAuth } from './oauth.service.js';
import { SocketTransport } from './socket-transport.service.js';
import { failureOf } from './failure.js';
import { SseTransport } from '../transport/sse-transport.service.js';
import { UpstreamHttp } from '../transport/upstream-http.service.js';

const signal = new AbortController().signal;
const access = { id: 'a' as AccountId, accessToken: fakeJwt({}), externalAccountId: 'acc_1', credentialEpoch: 1 };
const relayed = (over: Partial<RoutedCall> = {}): RoutedCall =>
  aCall({
    operation: 'relay',
    dialect: 'relay',
    stream: false,
    model: '',
    target: { method: 'PUT', path: '/things/1?a=b%20c' },
    headers: { 'openai-beta': 'things=v1' },
    contentType: 'text/plain',
    body: new CallBody(Buffer.from('a body')),
    ...over,
  });

describe('a relayed request', () => {
  const server = useTinyServer();
  const http = new UpstreamHttp({ UPSTREAM_CONNECT_MS: 2_000, UPSTREAM_IDLE_MS: 5_000 });
  const sockets = new SocketTransport({ UPSTREAM_CONNECT_MS: 2_000, UPSTREAM_IDLE_MS: 5_000 });
  afterAll(() => http.onApplicationShutdown());
  const open = (call = relayed()) => {
    const config = { UPSTREAM_BASE_URL: server.url, UPSTREAM_CLIENT_VERSION: '0.169.0', OAUTH_ISSUER_URL: server.url };
    const kind = new CodexKind(new SseTransport(http, failureOf), sockets, new CodexOAuth(http, config), config);
    return kind.open(access, call, signal);
  };
  const received: { request?: IncomingMessage; body?: string } = {};
  const answerWith = (status: number, headers: Record<string, string>, body = ''): void => {
    server.answer = (request, response) => {
      void bodyOf(request).then((text) => {
        Object.assign(received, { request, body: text });
        response.writeHead(status, headers).end(body);
      });
    };
  };

  it('goes out with its method, path, query and body, under our name, as the account', async () => {
    answerWith(200, { 'content-type': 'text/plain' }, 'ok');
    await open();
    const { method, url, headers } = received.request ?? {};
    expect([method, url, received.body]).toEqual(['PUT', '/backend-api/codex/things/1?a=b%20c', 'a body']);
    expect(headers).toMatchObject({
      accept: '*/*',
      authorization: `Bearer ${access.accessToken}`,
      'chatgpt-account-id': 'acc_1',
      'content-type': 'text/plain',
      'openai-beta': 'things=v1',
      originator: 'codex-pooler',
    });
  });

  it('without a body has none', async () => {
    answerWith(204, {});
    const call = relayed({ target: { method: 'GET', path: '/things' }, body: new CallBody(Buffer.alloc(0)) });
    const { contentType: _, ...bare } = call;
    const { status } = await open({ ...bare, headers: { accept: 'text/html' } });
    const { accept, 'content-type': type, 'content-length': length } = received.request?.headers ?? {};
    expect([status, accept, type, length]).toEqual([204, 'text/html', undefined, undefined]);
  });

  it('is answered with the bytes of whatever comes, and its headers but those of the connection and the account', async () => {
    const shown = {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'content-disposition': 'attachment',
      etag: '"1"',
      'x-things-left': '3',
    };
    const own = {
      'set-cookie': 'a=b',
      'cf-ray': '1',
      connection: 'close',
      'x-codex-primary-used-percent': '7',
      'access-control-allow-origin': '*',
    };
    answerWith(201, { ...shown, ...own }, 'data: {"a":1}\n\n');
    const { status, headers, batches } = await open();
    const bytes = Buffer.concat((await collect(batches)).map(({ raw }) => raw)).toString();
    expect([status, headers, bytes]).toEqual([201, shown, 'data: {"a":1}\n\n']);
  });

  it.each([
    [400, 'upstream_refused'],
    [403, 'upstream_refused'],
    [404, 'upstream_refused'],
    [429, 'upstream_refused'],
    [401, 'upstream_account_rejected'],
    [500, 'upstream_error'],
    [503, 'upstream_error'],
  ])('that fails with %i lets no account sit out', async (status, code) => {
    answerWith(status, { 'content-type': 'application/json' }, '{"detail":"usage_limit_reached"}');
    const relay = { status, body: Buffer.from('{"detail":"usage_limit_reached"}') };
    await expect(open()).rejects.toMatchObject({ code, detail: { cooldownMs: 0, upstreamStatus: status, relay } });
  });

  it('follows no redirect', async () => {
    answerWith(302, { location: 'https://elsewhere.example/' });
    await expect(open()).rejects.toMatchObject({ code: 'upstream_error', detail: { upstreamStatus: 302 } });
  });
});
