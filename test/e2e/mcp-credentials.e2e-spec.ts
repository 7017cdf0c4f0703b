import { OperatorTokenAdmin } from '../../src/auth/index.js';
import { hello, useGateway } from '../support/gateway.js';
import { askMcp, INITIALIZE, LIST, mcpToken, type McpAsked } from '../support/mcp-client.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

describe('/mcp', () => {
  const upstream = new ScriptedUpstream();
  upstream.script = hello;
  const gateway = useGateway({
    upstream,
    env: { AUTH_FAILURES_PER_MINUTE: '100000' },
  });
  let token: string;
  beforeAll(async () => {
    ({ token } = await mcpToken(gateway));
  });

  describe('of who asks', () => {
    const POOL_KEY = 'a Pool API key';
    const secrets = new Map<string, string>();
    beforeAll(async () => {
      secrets.set(POOL_KEY, gateway.key);
      secrets.set('an operator token', (await mcpToken(gateway, { kind: 'operator', scopes: ['admin'] })).token);
      secrets.set('a token with one letter less', token.slice(0, -1));
      secrets.set('a token with another secret', `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`);
      const admin = gateway.get(OperatorTokenAdmin);
      const [revoked, both] = [await mcpToken(gateway), await mcpToken(gateway)];
      await admin.revoke(revoked.id);
      await admin.setEnabled(both.id, false);
      await admin.revoke(both.id);
      secrets.set('a revoked token', revoked.token);
      secrets.set('a token that was disabled and revoked', both.token);
      secrets.set('an upstream token', upstream.accounts[0]?.login.accessToken ?? '');
    });
    const shown = (name: string): string => secrets.get(name) ?? '';

    const wrong: readonly (readonly [string, () => McpAsked])[] = [
      ['nobody', () => ({})],
      ...[POOL_KEY, 'an operator token', 'a token with one letter less', 'a token with another secret'].map(bearer),
      ...['a revoked token', 'a token that was disabled and revoked', 'an upstream token'].map(bearer),
      ['a token of another scheme', () => ({ headers: { authorization: `Token ${token}` } })],
      ['a scheme in small letters', () => ({ headers: { authorization: `bearer ${token}` } })],
      ['Basic', () => ({ headers: { authorization: `Basic ${Buffer.from(`x:${token}`).toString('base64')}` } })],
      ['a cookie', () => ({ headers: { cookie: `token=${token}; session=${token}` } })],
      ['a header of its own', () => ({ headers: { 'x-mcp-token': token } })],
      ['x-api-key', () => ({ headers: { 'x-api-key': token } })],
      ['the query', () => ({ path: `/mcp?token=${token}&access_token=${token}` })],
      ['an invite', () => ({ headers: { authorization: 'Bearer inv-cxp-0123456789ab' } })],
      ['no token at all', () => ({ headers: { authorization: 'Bearer ' } })],
    ];
    function bearer(name: string): readonly [string, () => McpAsked] {
      return [name, () => ({ headers: { authorization: `Bearer ${shown(name)}` } })];
    }

    it.each(wrong)('refuses %s', async (_, asked) => {
      for (const body of [LIST, INITIALIZE, { jsonrpc: '2.0', method: 'notifications/initialized' }]) {
        const answer = await askMcp(gateway, body, asked());
        expect([answer.status, answer.body.error?.code]).toEqual([401, -32000]);
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
        expect(answer.text).not.toContain(token);
      }
    });

    it('tells who shows the whole of a disabled token that it is disabled, until it is enabled again', async () => {
      const { id, token: short } = await mcpToken(gateway);
      const admin = gateway.get(OperatorTokenAdmin);
      await admin.setEnabled(id, false);
      const answer = await askMcp(gateway, LIST, { token: short });
      expect([answer.status, answer.body.error?.code, answer.body.id]).toEqual([403, -32000, 7]);
      expect((await askMcp(gateway, LIST, { token: `${short.slice(0, -2)}AA` })).status).toBe(401);
      await admin.setEnabled(id, true);
      expect((await askMcp(gateway, LIST, { token: short })).status).toBe(200);
    });

    it('refuses a token from the moment it is revoked', async () => {
      const { id, token: short } = await mcpToken(gateway);
      expect((await askMcp(gateway, LIST, { token: short })).status).toBe(200);
      await gateway.get(OperatorTokenAdmin).revoke(id);
      expect((await askMcp(gateway, LIST, { token: short })).status).toBe(401);
    });

    it.each(['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:5173'])(
      'serves a page of %s',
      async (origin) => {
        expect((await askMcp(gateway, LIST, { token, headers: { origin } })).status).toBe(200);
      },
    );
  });
});

describe('/mcp that is switched off', () => {
  const gateway = useGateway({ upstream: new ScriptedUpstream(), env: { MCP_ENABLED: 'false' } });

  it('refuses who has a token, and tells nobody else', async () => {
    const { token } = await mcpToken(gateway);
    const refused = await askMcp(gateway, LIST, { token });
    expect([refused.status, refused.body.error?.code, refused.body.id]).toEqual([403, -32000, 7]);
    expect((await askMcp(gateway, LIST)).status).toBe(401);
  });
});

describe('/mcp behind an allow-list', () => {
  const gateway = useGateway({ upstream: new ScriptedUpstream(), env: { IP_ALLOW_LIST: '192.0.2.1' } });

  it('refuses before everything else', async () => {
    for (const asked of [{ method: 'GET' }, { headers: { 'content-type': 'text/plain' } }]) {
      const answer = await askMcp(gateway, [LIST], asked);
      expect([answer.status, answer.body.error?.code, answer.body.id]).toEqual([403, -32600, null]);
    }
  });
});

describe('/mcp for who guesses', () => {
  const gateway = useGateway({ upstream: new ScriptedUpstream(), env: { AUTH_FAILURES_PER_MINUTE: '3' } });

  it('asks him to wait', async () => {
    const guess = (n: number) => askMcp(gateway, LIST, { token: `mcp-cxp-00000000000${n}-${'x'.repeat(43)}` });
    const answers = await Promise.all([1, 2, 3, 4, 5].map(guess));
    const last = answers.find(({ status }) => status === 429);
    expect([last?.body.error?.code, last?.body.id, last?.headers.has('retry-after')]).toEqual([-32000, 7, true]);
  });
});
