import { McpAdmission } from '../../src/mcp/index.js';
import { hello, useGateway } from '../support/gateway.js';
import {
  askMcp,
  beginning,
  ENVELOPE,
  INITIALIZE,
  LIST,
  mcpToken,
  MODERN,
  SENSITIVE,
  type McpAsked,
} from '../support/mcp-client.js';
import { ScriptedUpstream } from '../support/scripted-upstream/index.js';

describe('/mcp', () => {
  const upstream = new ScriptedUpstream();
  upstream.script = hello;
  const gateway = useGateway({
    upstream,
    env: { AUTH_FAILURES_PER_MINUTE: '100000', JSON_LIMIT_BYTES: '100000', COMPRESSED_LIMIT_BYTES: '100000' },
  });
  let token: string;
  beforeAll(async () => {
    ({ token } = await mcpToken(gateway));
  });

  describe.each([
    ['no token', {}],
    ['a wrong token', { authorization: `Bearer mcp-cxp-0123456789ab-${'x'.repeat(43)}` }],
    ['a good token', undefined],
  ])('before it looks at who asks, with %s,', (_, credentials) => {
    const big = JSON.stringify({ ...LIST, params: { text: 'x'.repeat(100_001) } });
    const table: readonly (readonly [string, number, number | undefined, unknown, McpAsked])[] = [
      ['GET', 405, -32600, undefined, { method: 'GET' }],
      ['DELETE', 405, -32600, undefined, { method: 'DELETE' }],
      ['PUT', 405, -32600, LIST, { method: 'PUT' }],
      ['a content-encoding', 415, -32600, LIST, { headers: { 'content-encoding': 'gzip' } }],
      ['even of none', 415, -32600, LIST, { headers: { 'content-encoding': 'identity' } }],
      ['text', 415, -32600, 'x', { headers: { 'content-type': 'text/plain' } }],
      ['a content type that is none', 415, -32600, 'x', { headers: { 'content-type': 'json' } }],
      ['no content type', 415, -32600, Buffer.from('{}'), { headers: { 'content-type': undefined } }],
      ['a body that is too large', 413, -32600, big, {}],
      ['what is no JSON', 400, -32700, `{"${SENSITIVE}`, {}],
      ['nothing', 400, -32700, '', {}],
      ['what is no UTF-8', 400, -32700, Buffer.from([0x22, 0xff, 0x22]), {}],
      ['no JSON of a web page', 400, -32700, '{', { headers: { origin: 'https://page.example' } }],
      ['a web page', 403, -32600, [LIST], { headers: { origin: 'https://page.example' } }],
      ['a page without a place', 403, -32600, LIST, { headers: { origin: 'null' } }],
      ['a page named alike', 403, -32600, LIST, { headers: { origin: 'http://localhost.example' } }],
      ['JSON only', 406, -32600, [LIST], { headers: { accept: 'application/json' } }],
      ['streams only', 406, -32600, LIST, { headers: { accept: 'text/event-stream' } }],
      ['anything', 406, -32600, LIST, { headers: { accept: '*/*' } }],
      ['a batch', 400, -32600, [LIST], { headers: { 'mcp-protocol-version': '1999-01-01' } }],
      ['a text', 400, -32600, '"x"', {}],
      ['null', 400, -32600, 'null', {}],
      ['no jsonrpc', 400, -32600, { id: 7, method: 'ping' }, {}],
      ['another jsonrpc', 400, -32600, { ...LIST, jsonrpc: '1.0' }, {}],
      ['an id that is null', 400, -32600, { ...LIST, id: null }, {}],
      ['an id that is an object', 400, -32600, { ...LIST, id: {} }, {}],
      ['an id that is half a number', 400, -32600, { ...LIST, id: 1.5 }, {}],
    ];
    const told = (asked: McpAsked): McpAsked =>
      credentials === undefined ? { ...asked, token } : { ...asked, headers: { ...credentials, ...asked.headers } };

    it.each(table)('refuses %s', async (_name, status, code, body, asked) => {
      const answer = await askMcp(gateway, body, told(asked));
      expect([answer.status, answer.body.error?.code, answer.body.id]).toEqual([status, code, null]);
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(answer.text).not.toContain(SENSITIVE);
      if (status === 405) expect(answer.headers.get('allow')).toBe('POST, OPTIONS');
    });

    const named: readonly (readonly [string, number, unknown, McpAsked])[] = [
      ['params that are a list', -32602, { ...LIST, params: [1] }, {}],
      ['params that are null', -32602, { ...LIST, params: null }, {}],
      ['a request that is a response', -32600, { ...LIST, result: {} }, {}],
      ['a request that is a failure', -32600, { ...LIST, error: {} }, {}],
      ['what is neither', -32600, { jsonrpc: '2.0', id: 7 }, {}],
      ['a method that is a number', -32600, { ...LIST, method: 1 }, {}],
      ['an unknown version', -32600, LIST, { headers: { 'mcp-protocol-version': SENSITIVE } }],
      ['a version that is over', -32600, LIST, { headers: { 'mcp-protocol-version': '2024-11-05' } }],
      ['to begin with an unknown version', -32600, beginning(SENSITIVE), {}],
      ['to begin with the modern version', -32600, beginning(MODERN), {}],
      ['to begin with no version', -32600, { ...INITIALIZE, id: 7, params: {} }, {}],
      ['the modern version in the header only', -32602, LIST, { headers: { 'mcp-protocol-version': MODERN } }],
      ['no method in the headers', -32020, modern(), { headers: { 'mcp-protocol-version': MODERN } }],
      ['no version in the headers', -32020, modern(), { headers: { 'mcp-method': 'tools/list' } }],
      ['another version in the headers', -32020, modern(), headersOf('tools/list', '2025-11-25')],
      ['another method in the headers', -32020, modern(), headersOf(SENSITIVE)],
      ['a modern version that is none', -32022, modern('2027-01-01'), headersOf('tools/list', '2027-01-01')],
      ['an old version in the modern way', -32022, modern('2025-11-25'), headersOf('tools/list', '2025-11-25')],
      ['a client that says nothing of itself', -32602, unsaid(), headersOf('tools/list')],
    ];

    it.each(named)('refuses %s, by its id', async (_name, code, body, asked) => {
      const answer = await askMcp(gateway, body, told(asked));
      expect([answer.status, answer.body.error?.code, answer.body.id]).toEqual([400, code, 7]);
      expect(answer.text).not.toContain(SENSITIVE);
      if (code === -32022) expect(answer.body.error?.data).toMatchObject({ supported: [MODERN] });
    });

    it('says what it answers to', async () => {
      const answer = await askMcp(
        gateway,
        undefined,
        told({ method: 'OPTIONS', headers: { 'content-type': undefined } }),
      );
      expect([answer.status, answer.headers.get('allow'), answer.text]).toEqual([204, 'POST, OPTIONS', '']);
    });

    it('refuses a path that is a trick', async () => {
      const answer = await askMcp(gateway, LIST, told({ path: '/mcp/%2fx' }));
      expect([answer.status, answer.body.error?.code, answer.body.id]).toEqual([400, -32600, null]);
    });

    it('has nothing below it', async () => {
      const answer = await askMcp(gateway, LIST, told({ path: '/mcp/x' }));
      expect([answer.status, answer.body.error?.code]).toEqual([404, -32600]);
    });

    it('refuses everything while it is busy', async () => {
      const admission = gateway.get(McpAdmission);
      let end: () => void = () => undefined;
      const ended = new Promise<void>((resolve) => (end = resolve));
      const held = Array.from({ length: 12 }, () => admission.within(() => ended));
      for (const method of ['GET', 'POST']) {
        const answer = await askMcp(gateway, [LIST], told({ method, headers: { 'content-encoding': 'gzip' } }));
        expect([answer.status, answer.body.error?.code, answer.body.id]).toEqual([503, -32000, null]);
      }
      end();
      await Promise.all(held);
    });
  });
});

function modern(version: string = MODERN): object {
  return { ...LIST, params: { _meta: { ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': version } } };
}

function unsaid(): object {
  return { ...LIST, params: { _meta: { 'io.modelcontextprotocol/protocolVersion': MODERN } } };
}

function headersOf(method: string, version: string = MODERN): McpAsked {
  return { headers: { 'mcp-protocol-version': version, 'mcp-method': method } };
}
