import { WebSocketServer } from 'ws';
import { Answer } from './frames.mjs';
import { paced } from './pace.mjs';
import { QUOTA } from './streams.mjs';

const WARM_UP = /"generate"\s*:\s*false/;

/** Serves model calls over websockets: each `response.create` frame is one. */
export function serveSockets(server, planOf) {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 * 1024 });
  sockets.on('headers', (headers) =>
    headers.push(...Object.entries(QUOTA).map(([name, value]) => `${name}: ${value}`)),
  );
  server.on('upgrade', (request, connection, head) => {
    sockets.handleUpgrade(request, connection, head, (socket) => {
      let giveUp = () => undefined;
      socket.on('error', () => undefined);
      socket.on('close', () => giveUp());
      socket.on('message', (bytes) => {
        const plan = WARM_UP.test(bytes.toString('latin1')) ? { ...planOf(), deltas: 1, paceMs: 0 } : planOf();
        giveUp = paced(
          new Answer(plan),
          (data) => socket.send(data),
          () => undefined,
        );
      });
    });
  });
}
