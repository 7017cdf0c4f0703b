import type { IncomingMessage } from 'node:http';
import { CallBody, collect, GatewayError, LoginRequired, type AccountId } from '../../core/index.js';
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
const access = {
  id: 'a' as AccountId,
  accessToken: fakeJwt({ 'https://api.openai.com/auth': { chatgpt_compute_residency: 'us' } }),
  externalAccountId: 'acc_1',
  credentialEpoch: 1,
};

describe('the kind codex', () => {
  const server = useTinyServer();
  const http = new UpstreamHttp({ UPSTREAM_CONNECT_MS: 2_000, UPSTREAM_IDLE_MS: 5_000 });
  const sockets = new SocketTransport({ UPSTREAM_CONNECT_MS: 2_000, UPSTREAM_IDLE_MS: 5_000 });
  afterAll(() => http.onApplicationShutdown());
  const kind = () => {
    const config = {
      UPSTREAM_BASE_URL: server.url,
      UPSTREAM_CLIENT_VERSION: '0.169.0',
      OAUTH_ISSUER_URL: server.url,
    };
    return new CodexKind(new SseTransport(http, failureOf), sockets, new CodexOAuth(http, config), config);
  };
  const received: { request?: IncomingMessage; body?: string } = {};
  const answerWith = (status: number, headers: Record<string, string>, body: string): void => {
    server.answer = (request, response) => {
      void bodyOf(request).then((text) => {
        Object.assign(received, { request, body: text });
        response.writeHead(status, headers).end(body);
      });
    };
  };

  it('sends a call as the account and gives its answer with what it says about quota', async () => {
    answerWith(
      200,
      {
        'content-type': 'text/event-stream',
        'x-codex-primary-used-percent': '12',
        'x-codex-primary-window-minutes': '300',
        'x-codex-primary-reset-after-seconds': '60',
        'openai-model': 'another',
        'x-request-id': 'req_1',
      },
      'data: {"type":"response.completed","response":{"id":"r"}}\n\n',
    );
    const answer = await kind().open(access, aCall(), signal);
    expect(received.request?.url).toBe('/backend-api/codex/responses');
    expect(received.request?.headers).toMatchObject({
      authorization: `Bearer ${access.accessToken}`,
      'chatgpt-account-id': 'acc_1',
      'x-openai-internal-codex-residency': 'us',
    });
    expect(received.body).toBe('{"model":"gpt-5.5","stream":true}');
    expect(answer.headers).toEqual({ 'content-type': 'text/event-stream', 'x-oai-request-id': 'req_1' });
    expect(answer.quota).toMatchObject({
      source: 'headers',
      windows: [{ limitId: 'codex', windowMinutes: 300, usedPercent: 12 }],
    });
    expect(await collect(answer.batches)).toHaveLength(1);
  });

  it.each(['\n', '\r\n', '\r'])('sees quota in an event whose lines end in %j (trap 1)', async (end) => {
    const limits = { primary: { used_percent: 40, window_minutes: 300, reset_after_seconds: 60 } };
    const reported = JSON.stringify({ type: 'codex.rate_limits', rate_limits: limits });
    const lines = [': hi', '', `data: ${reported}`, '', 'data: {"type":"response.completed"}', '', ''];
    answerWith(200, { 'content-type': 'text/event-stream' }, lines.join(end));
    const { batches } = await kind().open(access, aCall(), signal);
    const events = (await collect(batches)).flatMap((batch) => batch.events);
    expect(events.flatMap((event) => kind().quotaOf(event)?.windows ?? [])).toMatchObject([
      { limitId: 'codex', usedPercent: 40 },
    ]);
  });

  it('sends a websocket turn over HTTP in the form that HTTP wants', async () => {
    answerWith(200, { 'content-type': 'text/event-stream' }, 'data: {"type":"response.completed"}\n\n');
    const body = new CallBody(
      Buffer.from('{"type":"response.create","model":"gpt-5.5","generate":true,"stream":true}'),
    );
    await kind().open(access, aCall({ transport: 'websocket', body }), signal);
    expect(received.body).toBe('{"model":"gpt-5.5","stream":true}');
  });

  it('opens a websocket as the account, and knows for a while that the upstream has none', async () => {
    answerWith(426, { 'content-type': 'application/json' }, '{}');
    const codex = kind();
    expect(codex.servesWebsockets(Date.now())).toBe(true);
    await expect(codex.connect(access, aCall({ transport: 'websocket' }), signal)).rejects.toMatchObject({
      code: 'upstream_websocket_unavailable',
    });
    expect(received.request?.headers).toMatchObject({
      authorization: `Bearer ${access.accessToken}`,
      'chatgpt-account-id': 'acc_1',
      'openai-beta': 'responses_websockets=2026-02-06',
      upgrade: 'websocket',
    });
    expect(codex.servesWebsockets(Date.now())).toBe(false);
  });

  it('reads the model list for the client version that it names', async () => {
    answerWith(200, { 'content-type': 'application/json' }, '{"models":[{"slug":"gpt-5.5"},{}]}');
    expect(await kind().models(access, signal)).toEqual([{ slug: 'gpt-5.5', entry: { slug: 'gpt-5.5' } }]);
    expect(received.request?.url).toBe('/backend-api/codex/models?client_version=0.169.0');
  });

  it('refuses a page that is no model list', async () => {
    answerWith(200, { 'content-type': 'text/html' }, '<html></html>');
    await expect(kind().models(access, signal)).rejects.toMatchObject({ code: 'invalid_upstream_response' });
  });

  it('refreshes tokens with a form that names the public client', async () => {
    answerWith(200, { 'content-type': 'application/json' }, '{"access_token":"a2","refresh_token":"r2"}');
    expect(await kind().refresh('r&1', signal)).toEqual({ accessToken: 'a2', refreshToken: 'r2' });
    expect(received.request?.url).toBe('/oauth/token');
    expect(received.request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(new URLSearchParams(received.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'r&1',
      client_id: 'app_EMoamEEZ73f0CkXaXp7hrann',
    });
  });

  it('tells a dead refresh token from a login server that fails', async () => {
    answerWith(400, { 'content-type': 'application/json' }, '{"error":"invalid_grant"}');
    await expect(kind().refresh('r', signal)).rejects.toEqual(new LoginRequired('invalid_grant'));
    answerWith(503, {}, '');
    await expect(kind().refresh('r', signal)).rejects.toBeInstanceOf(GatewayError);
    answerWith(200, {}, '<html></html>');
    await expect(kind().refresh('r', signal)).rejects.toMatchObject({ code: 'invalid_upstream_response' });
  });

  it('calls a refresh that takes too long a timeout, not a client that left', async () => {
    server.answer = () => undefined;
    await expect(kind().refresh('r', AbortSignal.timeout(1))).rejects.toMatchObject({ code: 'upstream_timeout' });
  });
});
