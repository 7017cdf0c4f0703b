import type { IncomingMessage } from 'node:http';
import { LoginRefused } from '../../core/index.js';
import { bodyOf, useTinyServer } from '../../../test/support/tiny-server.js';
import { CodexOAuth } from './oauth.service.js';
import { UpstreamHttp } from '../transport/upstream-http.service.js';

const signal = new AbortController().signal;
const CODE = { code: 'ac_1', verifier: 'v-1', redirectUri: 'http://localhost:1455/auth/callback' };
const DEVICE = { deviceAuthId: 'dev_1', userCode: 'ABCD-1234' };

describe('the login server', () => {
  const server = useTinyServer();
  const http = new UpstreamHttp({ UPSTREAM_CONNECT_MS: 2_000, UPSTREAM_IDLE_MS: 5_000 });
  afterAll(() => http.onApplicationShutdown());
  const oauth = () => new CodexOAuth(http, { OAUTH_ISSUER_URL: server.url });
  const received: { request?: IncomingMessage; body?: string } = {};
  const answerWith = (status: number, body: unknown): void => {
    server.answer = (request, response) => {
      void bodyOf(request).then((text) => {
        Object.assign(received, { request, body: text });
        response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    };
  };

  it('is given a code as a form', async () => {
    answerWith(200, { id_token: 'i', access_token: 'a', refresh_token: 'r' });
    expect(await oauth().exchangeCode(CODE, signal)).toEqual({ idToken: 'i', accessToken: 'a', refreshToken: 'r' });
    expect([received.request?.method, received.request?.url]).toEqual(['POST', '/oauth/token']);
    expect(received.request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(new URLSearchParams(received.body))).toEqual({
      grant_type: 'authorization_code',
      code: 'ac_1',
      redirect_uri: 'http://localhost:1455/auth/callback',
      client_id: 'app_EMoamEEZ73f0CkXaXp7hrann',
      code_verifier: 'v-1',
    });
  });

  it.each([
    [400, { error: 'invalid_grant', error_description: 'no' }, 'invalid_grant'],
    [401, { error: { code: 'invalid_client', message: 'no' } }, 'invalid_client'],
    [403, '<html>', 'token_exchange_failed'],
    [400, { error: 'ac_0123456789' }, 'token_exchange_failed'],
  ])('refuses a code with %i %j', async (status, body, reason) => {
    answerWith(status, body);
    await expect(oauth().exchangeCode(CODE, signal)).rejects.toEqual(new LoginRefused(reason));
  });

  it.each([
    [500, {}, 'upstream_error'],
    [429, { error: 'slow_down' }, 'upstream_error'],
    [200, {}, 'invalid_upstream_response'],
    [302, '', 'upstream_error'],
  ])('may have taken a code after %i %j', async (status, body, code) => {
    answerWith(status, body);
    await expect(oauth().exchangeCode(CODE, signal)).rejects.toMatchObject({ name: 'GatewayError', code });
  });

  it('gives a device code for the client', async () => {
    answerWith(200, { device_auth_id: 'dev_1', usercode: 'ABCD-1234', interval: '7' });
    expect(await oauth().startDevice(signal)).toEqual({
      deviceAuthId: 'dev_1',
      userCode: 'ABCD-1234',
      verificationUri: `${server.url}/codex/device`,
      intervalSeconds: 7,
    });
    expect(received.request?.url).toBe('/api/accounts/deviceauth/usercode');
    expect(received.request?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(received.body ?? '')).toEqual({ client_id: 'app_EMoamEEZ73f0CkXaXp7hrann' });
  });

  it.each([
    [404, '', { name: 'LoginRefused', reason: 'device_login_unavailable' }],
    [403, { error: 'access_denied' }, { name: 'LoginRefused', reason: 'access_denied' }],
    [400, '', { name: 'LoginRefused', reason: 'device_login_refused' }],
    [503, '', { name: 'GatewayError', code: 'upstream_error' }],
    [200, '{}', { name: 'GatewayError', code: 'invalid_upstream_response' }],
  ])('gives none with %i %j', async (status, body, thrown) => {
    answerWith(status, body);
    await expect(oauth().startDevice(signal)).rejects.toMatchObject(thrown);
  });

  it('says where the code of a device may be redeemed', async () => {
    answerWith(200, { authorization_code: 'ac_2', code_challenge: 'h', code_verifier: 'v-2' });
    expect(await oauth().pollDevice(DEVICE, signal)).toEqual({
      is: 'approved',
      code: { code: 'ac_2', verifier: 'v-2', redirectUri: `${server.url}/deviceauth/callback` },
    });
    expect(received.request?.url).toBe('/api/accounts/deviceauth/token');
    expect(JSON.parse(received.body ?? '')).toEqual({ device_auth_id: 'dev_1', user_code: 'ABCD-1234' });
  });

  it('may be asked about a device again when it has failed', async () => {
    answerWith(403, '');
    expect(await oauth().pollDevice(DEVICE, signal)).toEqual({ is: 'pending' });
    answerWith(500, '');
    await expect(oauth().pollDevice(DEVICE, signal)).rejects.toMatchObject({ code: 'upstream_error' });
  });

  it('puts no part of what was sent into its errors', async () => {
    server.answer = (request) => request.socket.destroy();
    const failures = await Promise.allSettled([oauth().exchangeCode(CODE, signal), oauth().pollDevice(DEVICE, signal)]);
    const texts = failures.map((each) => (each.status === 'rejected' ? String(each.reason) : 'no failure'));
    expect(texts).toEqual(Array(2).fill('GatewayError: The upstream could not be reached.'));
  });
});
