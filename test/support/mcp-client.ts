import { OperatorTokenAdmin, type OperatorTokenKind } from '../../src/auth/index.js';
import type { PoolId } from '../../src/core/index.js';
import type { TestGateway } from './gateway.js';

export interface McpAsked {
  readonly token?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly path?: string;
}

/** The error of an answer, as it is told apart. */
export interface McpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: {
    readonly id?: unknown;
    readonly result?: Readonly<Record<string, unknown>>;
    readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
  };
}

export const MODERN = '2026-07-28';

export const LIST = { jsonrpc: '2.0', id: 7, method: 'tools/list', params: {} };
export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
};
/** What no answer repeats. */
export const SENSITIVE = 'canary-of-the-request';

export const beginning = (protocolVersion: string): object => ({
  ...INITIALIZE,
  id: 7,
  params: { ...INITIALIZE.params, protocolVersion },
});

/** What a client of the modern version says of itself in every request. */
export const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
};

/** One message of a client, or what is none. Headers that are `undefined` are left out. */
export async function askMcp(gateway: TestGateway, body: unknown, asked: McpAsked = {}): Promise<McpAnswer> {
  const { token, method = 'POST', headers = {}, path = '/mcp' } = asked;
  const answer = await fetch(`${gateway.url}${path}`, {
    method,
    headers: headersOf(token, headers),
    ...(method === 'GET' || body === undefined ? {} : { body: bytesOf(body) }),
  });
  const text = await answer.text();
  const parsed = text.startsWith('{') ? (JSON.parse(text) as McpAnswer['body']) : {};
  return { status: answer.status, headers: answer.headers, text, body: parsed };
}

function headersOf(token: string | undefined, over: NonNullable<McpAsked['headers']>): [string, string][] {
  const all: Record<string, string | undefined> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: token === undefined ? undefined : `Bearer ${token}`,
    ...over,
  };
  return Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

const bytesOf = (body: unknown): string | Uint8Array<ArrayBuffer> =>
  typeof body === 'string' ? body : Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body);

/** A request of the modern version, with the headers that go with it. */
export function askModern(
  gateway: TestGateway,
  method: string,
  { params = {}, headers = {}, token }: { params?: object; headers?: McpAsked['headers']; token?: string } = {},
): Promise<McpAnswer> {
  const named = 'name' in params && typeof params.name === 'string' ? { 'mcp-name': params.name } : {};
  return askMcp(
    gateway,
    { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: ENVELOPE } },
    {
      ...(token === undefined ? {} : { token }),
      headers: { 'mcp-protocol-version': MODERN, 'mcp-method': method, ...named, ...headers },
    },
  );
}

let made = 0;

interface TokenWanted {
  readonly kind?: OperatorTokenKind;
  readonly scopes?: readonly string[];
  readonly poolIds?: readonly PoolId[];
}

/** A new token, to read, of all Pools unless some are named. */
export async function mcpToken(
  gateway: TestGateway,
  { kind = 'mcp', scopes = ['mcp:read'], poolIds }: TokenWanted = {},
): Promise<{ readonly id: string; readonly token: string }> {
  made += 1;
  const wanted = { kind, label: `token ${made}`, scopes, createdBy: 'test', ...(poolIds ? { poolIds } : {}) };
  const { row, token } = await gateway.get(OperatorTokenAdmin).create(wanted);
  return { id: row.id, token };
}
