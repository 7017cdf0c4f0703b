import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError, type AccountId } from '../../core/index.js';
import { useTinyServer } from '../../../test/support/tiny-server.js';
import { accountUsage } from './account-usage.js';
import { failureOf } from './failure.js';
import { SseTransport } from '../transport/sse-transport.service.js';
import { UpstreamHttp } from '../transport/upstream-http.service.js';

const access = { id: 'a' as AccountId, accessToken: 'token', externalAccountId: 'acc_1', credentialEpoch: 1 };
const WINDOW = { used_percent: 12, limit_window_seconds: 18_000, reset_at: Math.ceil(Date.now() / 1000) + 60 };
const USAGE = JSON.stringify({ rate_limit: { primary_window: WINDOW, secondary_window: null } });
const PATHS = ['/backend-api/wham/usage', '/backend-api/codex/usage', '/wham/usage', '/api/codex/usage'];

type Answer = readonly [status: number, body: string, contentType?: string];
const GOOD: Answer = [200, USAGE];
const NOT_FOUND: Answer = [404, '{"detail":"Not Found"}'];

describe("the question for an account's usage", () => {
  const server = useTinyServer();
  const http = new UpstreamHttp({ UPSTREAM_CONNECT_MS: 2_000, UPSTREAM_IDLE_MS: 5_000 });
  afterAll(() => http.onApplicationShutdown());

  let asked: { path: string | undefined; headers: IncomingHttpHeaders }[] = [];
  const ask = async (...answers: readonly Answer[]) => {
    asked = [];
    server.answer = ({ url, headers }, response) => {
      const [status, body, contentType = 'application/json'] = answers[asked.length] ?? NOT_FOUND;
      asked.push({ path: url, headers });
      response.writeHead(status, { 'content-type': contentType, 'set-cookie': '__cf_bm=1' }).end(body);
    };
    const backend = { baseUrl: server.url, clientVersion: '0.169.0' };
    const report = accountUsage(
      new SseTransport(http, failureOf),
      backend,
      access,
      AbortSignal.timeout(5_000),
      Date.now,
    );
    return report.catch((error: unknown) => GatewayError.from(error).code);
  };

  it('carries the credentials of the account and nothing else', async () => {
    expect(await ask(GOOD)).toMatchObject({ windows: [{ usedPercent: 12 }], wholeMeters: ['codex'] });
    const [request] = asked;
    const { host, connection, ...sent } = request?.headers ?? {};
    expect([typeof host, typeof connection, request?.path]).toEqual(['string', 'string', PATHS[0]]);
    expect(sent).toEqual({
      authorization: 'Bearer token',
      'chatgpt-account-id': 'acc_1',
      'accept-encoding': 'identity',
    });
  });

  it.each<[string, Answer]>([
    ['is not there', NOT_FOUND],
    ['is not there, as a page', [404, '<html>Not Found</html>', 'text/html']],
    ['is a login page (trap 44)', [200, '<!doctype html><html>Log in</html>', 'text/html']],
    ['is about something else', [200, '{"detail":"hello"}']],
  ])('goes to the next path when one %s', async (_, elsewhere) => {
    for (const [place] of PATHS.entries()) {
      const before = Array.from({ length: place }, () => elsewhere);
      expect(await ask(...before, GOOD)).toMatchObject({ windows: [{ windowMinutes: 300 }] });
      expect(asked.map(({ path }) => path)).toEqual(PATHS.slice(0, place + 1));
    }
  });

  it('brings back no cookie (trap 44)', async () => {
    await ask(NOT_FOUND, GOOD);
    expect(asked.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
  });

  it('fails when usage is nowhere, and at once when the account is refused', async () => {
    expect(await ask()).toBe('invalid_upstream_response');
    expect(asked).toHaveLength(PATHS.length);
    expect(await ask([401, '{"detail":"no"}'])).toBe('upstream_account_rejected');
    expect(asked).toHaveLength(1);
  });
});
