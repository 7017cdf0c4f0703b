import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { HttpWire } from './http-wire.js';
import type { RecordedRequest } from './recorded-request.js';
import type { Headers, Reply } from './wire.js';

/** What to answer to an upgrade; nothing: it is accepted. */
export type UpgradeScript = (request: RecordedRequest) => Reply | undefined;

const MAX_FRAME_BYTES = 128 * 1024 * 1024;

/** The handshake of websockets, on connections that an HTTP server handed over. */
export class Upgrades {
  private readonly headers = new WeakMap<IncomingMessage, Headers>();
  private readonly refused = new Set<Duplex>();
  private readonly server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
  });

  constructor(private readonly nowMs: () => number) {
    this.server.on('headers', (lines, incoming) => {
      for (const [name, value] of Object.entries(this.headers.get(incoming) ?? {})) {
        for (const each of typeof value === 'string' ? [value] : value) lines.push(`${name}: ${each}`);
      }
    });
  }

  accept(incoming: IncomingMessage, connection: Duplex, head: Buffer, headers: Headers): Promise<WebSocket> {
    this.headers.set(incoming, headers);
    return new Promise((resolve) => {
      this.server.handleUpgrade(incoming, connection, head, (socket) => resolve(socket));
    });
  }

  /** Any reply to a plain request can refuse an upgrade. */
  async refuse(incoming: IncomingMessage, connection: Duplex, request: RecordedRequest, reply: Reply): Promise<void> {
    this.refused.add(connection);
    connection.once('close', () => this.refused.delete(connection));
    connection.on('error', () => undefined);
    // Nothing reads it any more, so nothing would notice that the client left.
    connection.once('end', () => connection.destroy());
    connection.resume();
    const response = new ServerResponse(incoming);
    response.shouldKeepAlive = false;
    response.assignSocket(connection as Parameters<ServerResponse['assignSocket']>[0]);
    response.once('finish', () => connection.end());
    await reply.send(new HttpWire(response, request, () => ({}), this.nowMs));
  }

  /** Drops what is open. */
  stop(): void {
    for (const socket of this.server.clients) socket.terminate();
    for (const connection of this.refused) connection.destroy();
  }
}
