import {
  createMcpHandler,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { RenderedError } from '../core/index.js';
import { count } from '../platform/metrics/index.js';
import { rendered, RPC } from './protocol/json-rpc.js';
import type { Message } from './protocol/message.js';
import type { Spoken } from './protocol/version.js';
import { LEGACY_VERSIONS, METHODS, MODERN_VERSION, type Era } from './protocol/versions.js';
import { runTool, type ToolBox } from './tool-box.js';
import type { ToolCall } from './tool.js';

const LISTS_LAST_MS = 3_600_000;
const CACHED = { ttlMs: LISTS_LAST_MS, cacheScope: 'private' } as const;

const INSTRUCTIONS =
  'What runs through this gateway: its Pools, the accounts and keys in them, quota, requests, usage and incidents. ' +
  'Answers are metadata only. A selector is an id or a name; where it fits several things you are told which.';

/** What each failure is called: whatever the library says of it may quote the request. */
const SAID: Readonly<Record<number, string>> = {
  [RPC.methodNotFound]: 'There is no such method.',
  [RPC.invalidParams]: 'The params of the request are not valid.',
  [RPC.invalidRequest]: 'The request is not valid.',
  [RPC.headerMismatch]: 'The headers and the body of the request disagree.',
};

/** An answer as it goes over the wire; the same form as a refusal's. */
export type Answer = RenderedError;

/** Has the library answer one request, and sees to it that what it answers is one JSON object without a stream. */
export class ToolServer {
  constructor(
    private readonly box: ToolBox,
    private readonly version: string,
    /** Told of what we ourselves did wrong. */
    private readonly report: (error: unknown) => void,
  ) {}

  async answer(message: Message, { era }: Spoken, call: ToolCall): Promise<Answer> {
    if (message.kind !== 'request') return { status: 202, headers: {}, body: '' };
    const { id = null, method = '' } = message;
    if (!METHODS[era].includes(method)) {
      const status = era === 'legacy' ? 200 : 404;
      return rendered({ status, code: RPC.methodNotFound, message: SAID[RPC.methodNotFound] ?? '', id });
    }
    const response = await (era === 'legacy' ? this.legacy(message, call) : this.modern(message, call));
    return { ...rendered({ status: 200, code: 0, message: '' }), status: response.status, body: await said(response) };
  }

  private async legacy({ body, params }: Message, call: ToolCall): Promise<Response> {
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    const server = this.serverFor('legacy', call);
    await server.connect(transport);
    try {
      const version = typeof params['protocolVersion'] === 'string' ? params['protocolVersion'] : call.version;
      return await transport.handleRequest(requestOf({ 'mcp-protocol-version': version }), { parsedBody: body });
    } finally {
      await server.close();
    }
  }

  private modern({ body, method = '', params }: Message, call: ToolCall): Promise<Response> {
    const { fetch } = createMcpHandler(() => this.serverFor('modern', call), {
      legacy: 'reject',
    });
    const { name } = params;
    const headers = {
      'mcp-protocol-version': MODERN_VERSION,
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': encoded(name) } : {}),
    };
    return fetch(requestOf(headers), { parsedBody: body });
  }

  private serverFor(era: Era, call: ToolCall): McpServer {
    const whole = new McpServer(
      { name: 'codex-pooler', version: this.version },
      {
        capabilities: { tools: { listChanged: false } },
        supportedProtocolVersions: [MODERN_VERSION, ...LEGACY_VERSIONS],
        cacheHints: { 'server/discover': CACHED, 'tools/list': CACHED },
        ...(era === 'modern' ? { instructions: INSTRUCTIONS } : {}),
      },
    );
    const { server } = whole;
    const { scopes } = call.asker;
    server.setRequestHandler('tools/list', () => ({ tools: this.box.list(scopes) }));
    server.setRequestHandler('tools/call', async ({ params }) => {
      const tool = this.box.find(params.name, scopes);
      if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, '');
      try {
        const result = await runTool(tool, params.arguments, call);
        count('gw_mcp_calls_total', { tool: params.name, result: result.isError === true ? 'refused' : 'succeeded' });
        return result;
      } catch (thrown) {
        this.report(thrown);
        count('gw_mcp_calls_total', { tool: params.name, result: 'failed' });
        return { content: [{ type: 'text', text: 'internal: The gateway failed.' }], isError: true };
      }
    });
    return whole;
  }
}

const requestOf = (headers: Record<string, string>): Request =>
  new Request('http://localhost/mcp', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
  });

const encoded = (name: string): string => `=?base64?${Buffer.from(name).toString('base64')}?=`;

async function said(response: Response): Promise<object> {
  const body = (await response.json()) as { error?: { code: number } };
  if (body.error === undefined) return body;
  const { code } = body.error;
  return { ...body, error: { code, message: SAID[code] ?? 'The gateway failed.' } };
}
