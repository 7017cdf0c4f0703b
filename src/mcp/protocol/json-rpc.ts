import type { RenderedError } from '../../core/index.js';

/** What JSON-RPC and MCP call their failures. Source: JSON-RPC 2.0 §5.1; runtime contract §13. */
export const RPC = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  server: -32000,
  headerMismatch: -32020,
  unsupportedVersion: -32022,
} as const;

export type RpcId = string | number | null;

/** A refusal as it goes over the wire. Its message quotes nothing of the request. */
export interface Refused {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  /** Absent: it is not known yet whose answer this is. */
  readonly id?: RpcId;
  readonly data?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

export const rendered = ({ status, code, message, id = null, data, headers }: Refused): RenderedError => ({
  status,
  headers: { ...JSON_TYPE, ...headers },
  body: { jsonrpc: '2.0', id, error: { code, message, ...(data ? { data } : {}) } },
});
