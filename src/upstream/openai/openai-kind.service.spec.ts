import type { AccountId } from '../../core/index.js';
import { useTinyServer } from '../../../test/support/tiny-server.js';
import { SseTransport } from '../transport/sse-transport.service.js';
import { UpstreamHttp } from '../transport/upstream-http.service.js';
import { failureOf } from './failure.js';
import { OpenAiKind } from './openai-kind.service.js';

const access = { id: 'a' as AccountId, accessToken: 'sk-proj-0123456789', credentialEpoch: 1 };
const signal = AbortSignal.timeout(20_000);

describe('the upstream kind of Platform keys', () => {
  const server = useTinyServer();
  const http = new UpstreamHttp({ UPSTREAM_CONNECT_MS: 5_000, UPSTREAM_IDLE_MS: 5_000 });
  const kind = (base = server.url) =>
    new OpenAiKind(new SseTransport(http, failureOf), { OPENAI_UPSTREAM_BASE_URL: base });
  afterAll(() => http.onApplicationShutdown());

  const answering = (status: number, body: object): string[] => {
    const asked: string[] = [];
    server.answer = (request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    return asked;
  };

  it.each(['', '/v1', '/v1/'])('asks at the same place when its base ends with %j', async (end) => {
    const asked = answering(200, { object: 'list', data: [{ id: 'gpt-5.5', object: 'model' }] });
    const models = await kind(`${server.url}${end}`).models(access, signal);
    expect(models.map(({ slug }) => slug)).toEqual(['gpt-5.5']);
    expect(asked).toEqual(['GET /v1/models Bearer sk-proj-0123456789']);
  });

  it('refuses a model list that is none', async () => {
    answering(200, { hello: 'world' });
    await expect(kind().models(access, signal)).rejects.toMatchObject({ code: 'invalid_upstream_response' });
  });

  it.each<[number, string | null, object]>([
    [200, null, {}],
    [403, 'missing_scope', { type: 'invalid_request_error' }],
    [401, 'missing_scope', { type: 'invalid_request_error' }],
    [403, null, { type: 'invalid_request_error' }],
  ])('takes a key for one that may be asked that is known there: %i %s', async (status, code, error) => {
    answering(status, { data: [], error: { message: 'm', code, ...error } });
    expect((await kind().usage(access, signal)).meters).toEqual([
      { limitId: 'codex', allowed: true, limitReached: false },
    ]);
  });

  it.each([
    [401, 'invalid_api_key'],
    [403, 'unsupported_country_region_territory'],
    [500, 'server_error'],
  ])('does not take it for one when the answer is %i %s', async (status, code) => {
    answering(status, { error: { message: 'm', code, type: 'invalid_request_error' } });
    await expect(kind().usage(access, signal)).rejects.toMatchObject({ detail: { upstreamStatus: status } });
  });

  it('has no websockets and nothing to refresh', async () => {
    await expect(kind().connect()).rejects.toMatchObject({ code: 'upstream_websocket_unavailable' });
    expect(kind().servesWebsockets()).toBe(false);
    await expect(kind().refresh()).rejects.toMatchObject({ name: 'LoginRequired', reason: 'api_key_rejected' });
  });
});
