import type { IncomingHttpHeaders } from 'node:http';
import { RPC } from './json-rpc.js';
import { McpRefused } from './message.js';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const TOLD = ['application/json', 'text/event-stream'];

/**
 * What is asked of the headers once the body is JSON: no web page of somebody else, and a client that takes what the
 * protocol may answer.
 *
 * @throws McpRefused
 */
export function checkNegotiation({ origin, accept }: Pick<IncomingHttpHeaders, 'origin' | 'accept'>): void {
  if (origin !== undefined && !isOfThisMachine(origin)) throw refused(403, 'Web pages may not use this endpoint.');
  const accepted = (accept ?? '').split(',').map((range) => range.split(';', 1)[0]?.trim().toLowerCase());
  if (!TOLD.every((type) => accepted.includes(type))) throw refused(406, `Accept both ${TOLD.join(' and ')}.`);
}

const isOfThisMachine = (origin: string): boolean =>
  URL.canParse(origin) && LOOPBACK.includes(new URL(origin).hostname.toLowerCase());

const refused = (status: number, message: string): McpRefused =>
  new McpRefused({ status, code: RPC.invalidRequest, message });
