import { createHash } from 'node:crypto';
import { ScriptedUpstream } from './scripted-upstream.js';

const VERIFIER = 'a'.repeat(86);
const CLIENT = 'app_EMoamEEZ73f0CkXaXp7hrann';
const REDIRECT = 'http://localhost:1455/auth/callback';

describe('the scripted issuer', () => {
  const upstream = new ScriptedUpstream();
  beforeAll(() => upstream.start());
  afterAll(() => upstream.stop());

  const page = (over: Readonly<Record<string, string>> = {}): string => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: CLIENT,
      redirect_uri: REDIRECT,
      scope: 'openid profile email offline_access',
      code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
      code_challenge_method: 'S256',
      state: 's',
      ...over,
    });
    return `${upstream.url}/oauth/authorize?${query.toString()}`;
  };
  const codeIn = (callback: string): string => new URL(callback).searchParams.get('code') ?? '';
  const redeem = (code: string, over: Readonly<Record<string, string>> = {}): Promise<Response> => {
    const form = { grant_type: 'authorization_code', client_id: CLIENT, redirect_uri: REDIRECT, code };
    const body = new URLSearchParams({ ...form, code_verifier: VERIFIER, ...over });
    return fetch(`${upstream.url}/oauth/token`, { method: 'POST', body });
  };

  it('gives tokens for a code, once', async () => {
    const account = upstream.addAccount();
    const code = codeIn(upstream.issuer.signIn(page(), account));
    const response = await redeem(code);
    expect([response.status, await response.json()]).toEqual([
      200,
      expect.objectContaining({ access_token: account.login.accessToken, refresh_token: account.login.refreshToken }),
    ]);
    expect((await redeem(code)).status).toBe(400);
  });

  it.each([
    ['verifier', { code_verifier: 'b'.repeat(86) }],
    ['redirect', { redirect_uri: `${REDIRECT}/` }],
    ['client', { client_id: 'app_other' }],
  ])('gives none for another %s', async (_, over) => {
    const code = codeIn(upstream.issuer.signIn(page(), upstream.addAccount()));
    expect((await redeem(code, over)).status).toBe(400);
    expect((await redeem(code)).status).toBe(400);
  });

  it.each([
    { code_challenge_method: 'plain' },
    { client_id: 'app_other' },
    { redirect_uri: 'http://x' },
    { scope: '' },
  ])('shows no page for %j', (over) => {
    expect(() => upstream.issuer.signIn(page(over), upstream.addAccount())).toThrow('does not take');
  });

  it('gives the code of a device to who began, once somebody has typed it', async () => {
    const ask = (path: string, body: object): Promise<Response> =>
      fetch(`${upstream.url}/api/accounts/deviceauth/${path}`, { method: 'POST', body: JSON.stringify(body) });
    expect((await ask('usercode', { client_id: 'app_other' })).status).toBe(400);
    const begun = (await (await ask('usercode', { client_id: CLIENT })).json()) as Record<string, string>;
    const poll = { device_auth_id: begun['device_auth_id'], user_code: begun['user_code'] };
    expect((await ask('token', poll)).status).toBe(403);
    upstream.issuer.type(begun['user_code'] ?? '', upstream.addAccount());
    expect((await ask('token', { ...poll, device_auth_id: 'other' })).status).toBe(403);
    const typed = (await (await ask('token', poll)).json()) as Record<string, string>;
    const redirect_uri = `${upstream.url}/deviceauth/callback`;
    const over = { redirect_uri, code_verifier: typed['code_verifier'] ?? '' };
    expect((await redeem(typed['authorization_code'] ?? '', over)).status).toBe(200);
    expect(() => upstream.issuer.type('nobody', 'denied')).toThrow('not valid');
  });
});
