import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** A body up to this size is read and thrown away, so that its connection can be kept. */
const DISCARD_LIMIT_BYTES = 64 * 1024;
/** How long the rest of a refused body is taken in, and dropped, after the answer. */
const LINGER_MS = 2_000;

/**
 * Closes a socket so that what was written last arrives. A plain close with unread bytes in the receive buffer is a
 * TCP reset, and a reset makes the client drop the answer that it has not read yet.
 */
export function lingeringClose(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.once('end', () => socket.destroy());
  socket.end();
  socket.resume();
}

/** Whether the client may go on sending a body that nobody will read. */
function isBodyLeft({ headers, raw }: FastifyRequest): boolean {
  if (raw.complete || raw.destroyed) return false;
  if (raw.readableDidRead || headers['transfer-encoding'] !== undefined) return true;
  return Number(headers['content-length'] ?? 0) > DISCARD_LIMIT_BYTES;
}

/**
 * An answer that comes before the end of its request's body closes the connection, and stays to be read. A client that
 * asks first (`Expect: 100-continue`) is told to go on only when its body is wanted.
 */
export function answerEarly(fastify: FastifyInstance): void {
  fastify.server.on('checkContinue', (request, response) => fastify.server.emit('request', request, response));

  fastify.addHook('preParsing', (request, reply, payload, done) => {
    if (request.headers.expect?.toLowerCase() === '100-continue') reply.raw.writeContinue();
    done(null, payload);
  });

  fastify.addHook('onSend', (request: FastifyRequest, reply: FastifyReply, payload, done) => {
    if (isBodyLeft(request)) {
      const { socket } = request.raw;
      reply.header('connection', 'close');
      // Node's server ends a `connection: close` answer with this method.
      socket.destroySoon = () => {
        request.raw.resume();
        lingeringClose(socket);
      };
    }
    done(null, payload);
  });
}
