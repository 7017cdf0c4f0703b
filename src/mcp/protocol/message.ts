import { isUtf8 } from 'node:buffer';
import { RPC, type Refused, type RpcId } from './json-rpc.js';

type Fields = Readonly<Record<string, unknown>>;

/** A message of the right shape. */
export interface Message {
  readonly kind: 'request' | 'notification' | 'response';
  /** Of a request. */
  readonly id?: RpcId;
  /** Absent in a response. */
  readonly method?: string;
  readonly params: Fields;
  readonly body: Fields;
}

export class McpRefused extends Error {
  override readonly name = 'McpRefused';
  constructor(readonly refused: Refused) {
    super(refused.message);
  }
}

export const invalid = (message: string, over: Partial<Refused> = {}): McpRefused =>
  new McpRefused({ status: 400, code: RPC.invalidRequest, message, ...over });

/** @throws McpRefused for bytes that are no JSON */
export function parsedBody(bytes: Buffer): unknown {
  try {
    if (isUtf8(bytes)) return JSON.parse(bytes.toString()) as unknown;
  } catch {
    // The parser's own words quote the body.
  }
  throw invalid('The body is not JSON.', { code: RPC.parse });
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isId = (value: unknown): value is string | number => typeof value === 'string' || Number.isSafeInteger(value);

/** @throws McpRefused for what is no single JSON-RPC message. Source: runtime contract §13.2 */
export function messageIn(body: unknown): Message {
  if (Array.isArray(body)) throw invalid('Send one message at a time.');
  if (!isFields(body) || body['jsonrpc'] !== '2.0') throw invalid('The body is not a JSON-RPC 2.0 message.');
  const { id } = body;
  if ('id' in body && !isId(id)) throw invalid('The id of a message is a string or a whole number.');
  const known = isId(id) ? { id } : {};
  const answers = 'result' in body || 'error' in body;
  if (answers === 'method' in body) throw invalid('A message is either a request or a response.', known);
  return answers ? { kind: 'response', params: {}, body } : called(body, known);
}

function called(body: Fields, known: { readonly id?: string | number }): Message {
  const { method, params = {} } = body;
  if (typeof method !== 'string') throw invalid('The method of a message is a string.', known);
  if (!isFields(params)) {
    throw invalid('The params of a message are an object.', { code: RPC.invalidParams, ...known });
  }
  return { kind: known.id === undefined ? 'notification' : 'request', ...known, method, params, body };
}
