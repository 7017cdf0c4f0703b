import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How long what is still being sent, or answered, may take once the server closes: streams have had their time by then. */
const LAST_REQUESTS_MS = 1_000;

/**
 * Lets go of every connection when the server closes. Node itself closes those that rest between two requests; it spares
 * those that have sent nothing yet, and load balancers and browsers open such ones in advance.
 */
export function closeConnections(fastify: FastifyInstance): void {
  const { server } = fastify;
  const silent = new Set<Socket>();
  server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }) => silent.delete(socket));
  fastify.addHook('preClose', (done) => {
    for (const socket of silent) socket.destroy();
    setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS).unref();
    done();
  });
}
