import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { GatewayError } from '../../core/index.js';
import { lingeringClose } from './early-answer.js';
import { plainEnvelope } from './plain-envelope.js';

/** What Node's HTTP parser could not make a request of. */
export function errorOfParser(code: string | undefined): GatewayError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new GatewayError('request_header_too_large', 'The request headers are too large.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new GatewayError('request_timeout', 'The request took too long to arrive.');
    default:
      return new GatewayError('invalid_request', 'The request is not valid HTTP.');
  }
}

/** The whole answer as bytes: there is no reply to set it on. */
export function parserAnswer(error: GatewayError, requestId: string): string {
  const body = JSON.stringify(plainEnvelope(error));
  return [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? 'Error'}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'x-pooler-error-source: gateway',
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

/** Node keeps the answer it is writing here, and its own handler of these errors looks at it as well. */
type Busy = Socket & { readonly _httpMessage?: { readonly headersSent: boolean } | null };

/** Answers what is not even HTTP, and closes. The parser may report more errors of the same bytes: only the first counts. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  const isMidAnswer = (socket as Busy)._httpMessage?.headersSent === true;
  if (error.code === 'ECONNRESET' || isMidAnswer) return void socket.destroy();
  if (!socket.writable) return;
  socket.write(parserAnswer(errorOfParser(error.code), randomUUID()));
  lingeringClose(socket);
}
