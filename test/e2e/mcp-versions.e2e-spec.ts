import { hello, useGateway } from '../support/gateway.js';
import { askMcp, askModern, beginning, mcpToken, MODERN, SENSITIVE } from '../support/mcp-client.js';
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

  describe('in the versions that begin with initialize', () => {
    it.each(['2025-11-25', '2025-06-18'])('begins with %s', async (protocolVersion) => {
      const answer = await askMcp(gateway, beginning(protocolVersion), { token });
      expect([answer.status, answer.headers.get('mcp-session-id')]).toEqual([200, null]);
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(answer.body).toEqual({
        jsonrpc: '2.0',
        id: 7,
        result: {
          protocolVersion,
          capabilities: { tools: { listChanged: false } },
          serverInfo: { name: 'codex-pooler', version: expect.any(String) as string },
        },
      });
    });

    it.each([undefined, '2025-11-25', '2025-06-18'])('answers ping with the version %s', async (version) => {
      const asked = { token, headers: { 'mcp-protocol-version': version } };
      const answer = await askMcp(gateway, { jsonrpc: '2.0', id: 'p', method: 'ping' }, asked);
      expect([answer.status, answer.body]).toEqual([200, { jsonrpc: '2.0', id: 'p', result: {} }]);
    });

    it('takes notifications and responses, and says nothing', async () => {
      const bodies = [
        { jsonrpc: '2.0', method: 'notifications/initialized' },
        { jsonrpc: '2.0', method: `notifications/${SENSITIVE}`, params: {} },
        { jsonrpc: '2.0', id: 3, result: {} },
        { jsonrpc: '2.0', id: 3, error: { code: 1, message: 'x' } },
      ];
      for (const body of bodies) {
        const answer = await askMcp(gateway, body, { token });
        expect([answer.status, answer.text]).toEqual([202, '']);
      }
    });

    it.each(['nope', `${SENSITIVE}/x`, 'server/discover', 'resources/list', 'subscriptions/listen', 'constructor'])(
      'has no method %s',
      async (method) => {
        const answer = await askMcp(gateway, { jsonrpc: '2.0', id: 7, method }, { token });
        expect([answer.status, answer.body.error?.code, answer.body.id]).toEqual([200, -32601, 7]);
        expect(answer.text).not.toContain(method);
      },
    );

    it.each(['nope', SENSITIVE, 'list_pools', '__proto__', ''])('has no tool %s', async (name) => {
      const body = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name, arguments: {} } };
      const answer = await askMcp(gateway, body, { token });
      expect([answer.status, answer.body.error?.code, answer.body.id]).toEqual([200, -32602, 7]);
      expect(answer.text).not.toContain(SENSITIVE);
    });
  });

  describe('in the version of which every request is whole', () => {
    it('tells what it is', async () => {
      const answer = await askModern(gateway, 'server/discover', { token });
      expect([answer.status, answer.body.result]).toEqual([
        200,
        {
          resultType: 'complete',
          supportedVersions: [MODERN],
          capabilities: { tools: { listChanged: false } },
          instructions: expect.any(String) as string,
          ttlMs: 3_600_000,
          cacheScope: 'private',
          _meta: {
            'io.modelcontextprotocol/serverInfo': { name: 'codex-pooler', version: expect.any(String) as string },
          },
        },
      ]);
    });

    it('lists and calls tools', async () => {
      const list = await askModern(gateway, 'tools/list', { token });
      expect(list.body.result).toMatchObject({ resultType: 'complete', ttlMs: 3_600_000, cacheScope: 'private' });
      const params = { name: 'codex_pooler_get_mcp_service_status', arguments: {} };
      const called = await askModern(gateway, 'tools/call', { token, params });
      expect([called.status, called.body.result]).toMatchObject([
        200,
        { resultType: 'complete', structuredContent: { protocolVersion: MODERN } },
      ]);
      expect(called.body.result?.['_meta']).toHaveProperty(['io.modelcontextprotocol/serverInfo']);
    });

    it('reads headers that are encoded', async () => {
      const name = 'codex_pooler_get_mcp_service_status';
      const encoded = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;
      const headers = { 'mcp-method': encoded('tools/call'), 'mcp-name': encoded(name) };
      const answer = await askModern(gateway, 'tools/call', { token, params: { name }, headers });
      expect([answer.status, answer.body.error]).toEqual([200, undefined]);
    });

    it.each([undefined, SENSITIVE])('refuses a call whose header names %s', async (name) => {
      const params = { name: 'codex_pooler_list_pools' };
      const answer = await askModern(gateway, 'tools/call', { token, params, headers: { 'mcp-name': name } });
      expect([answer.status, answer.body.error?.code, answer.body.id]).toEqual([400, -32020, 1]);
      expect(answer.text).not.toContain(SENSITIVE);
    });

    it.each(['nope', SENSITIVE, 'ping', 'initialize', 'subscriptions/listen'])('has no method %s', async (method) => {
      const answer = await askModern(gateway, method, { token });
      expect([answer.status, answer.body.error?.code, answer.body.id]).toEqual([404, -32601, 1]);
      expect(answer.text).not.toContain(method);
    });

    it('has no tool of another name', async () => {
      const answer = await askModern(gateway, 'tools/call', { token, params: { name: SENSITIVE } });
      expect([answer.status, answer.body.error?.code]).toEqual([200, -32602]);
      expect(answer.text).not.toContain(SENSITIVE);
    });
  });
});
