import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { RenderedError } from '../../core/index.js';
import { lingeringClose } from './early-answer.js';

/** What the client may speak instead, for statuses that have to say so. */
const OFFERS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  400: { 'sec-websocket-version': '13' },
  426: { upgrade: 'websocket' },
};

/** Answers a handshake with an ordinary HTTP error, and closes. The answer may come long before the client reads it. */
export function refuseUpgrade(socket: Socket, refusal: RenderedError, own: Readonly<Record<string, string>>): void {
  if (!socket.writable) return void socket.destroy();
  const { status, headers } = refusal;
  const { type, bytes } = bodyOf(refusal.body);
  const lines = Object.entries({
    'content-type': type,
    ...OFFERS[status],
    ...own,
    ...headers,
    'content-length': String(bytes.length),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`, ...lines, '', ''].join('\r\n');
  socket.write(Buffer.concat([Buffer.from(head, 'latin1'), bytes]));
  lingeringClose(socket);
}

function bodyOf(body: RenderedError['body']): { readonly type: string; readonly bytes: Buffer } {
  if (Buffer.isBuffer(body)) return { type: 'application/octet-stream', bytes: body };
  if (typeof body === 'string') return { type: 'text/plain; charset=utf-8', bytes: Buffer.from(body) };
  return { type: 'application/json; charset=utf-8', bytes: Buffer.from(JSON.stringify(body)) };
}
