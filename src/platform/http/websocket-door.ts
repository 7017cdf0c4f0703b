import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Principal } from '../../core/index.js';
import type { ClientSocket } from './client-socket.js';

/** What a gateway says of itself in `@WebSocketGateway`. */
export interface DoorOptions {
  readonly path: string;
  /** Other paths of the same gateway. */
  readonly aliases?: readonly string[];
}

/** A handshake that was accepted: who it was, and how to ask again whether he may be served. */
export interface Upgraded {
  readonly requestId: string;
  /** Decoded, without query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly caller: Principal;
  /** All steps once more, as of now. @throws GatewayError when one of them refuses */
  readmit(): Promise<Principal>;
}

type Headers = Readonly<Record<string, string>>;

/** The websockets of one gateway: what it checks before a 101, and who is told of a new one. */
export class WebsocketDoor {
  /**
   * The gateway's own last word before the 101, which gets the headers that it returns. Set it in `afterInit`.
   *
   * @throws GatewayError to refuse
   */
  admit: (upgrade: Upgraded) => Promise<Headers> = () => Promise.resolve({});
  opened: (socket: ClientSocket, upgrade: Upgraded) => void = () => undefined;
  private readonly server: WebSocketServer;
  private readonly accepted = new WeakMap<IncomingMessage, Headers>();

  /**
   * No compression: it costs memory per socket and saves little on what is encrypted by then. No subprotocol: the
   * clients know none.
   */
  constructor(maxFrameBytes: number) {
    this.server = new WebSocketServer({
      noServer: true,
      maxPayload: maxFrameBytes,
      perMessageDeflate: false,
      handleProtocols: () => false,
    });
    this.server.on('headers', (lines, request) => {
      for (const [name, value] of Object.entries(this.accepted.get(request) ?? {})) lines.push(`${name}: ${value}`);
    });
    // Without a listener `ws` answers by itself, in plain text.
    this.server.on('wsClientError', () => undefined);
  }

  /** @returns undefined when the handshake is malformed, and nothing was answered yet; or when its client has left */
  accept(request: IncomingMessage, socket: Socket, head: Buffer, headers: Headers): WebSocket | undefined {
    let accepted: WebSocket | undefined;
    this.accepted.set(request, headers);
    // Answers at once: there is nothing left to ask.
    this.server.handleUpgrade(request, socket, head, (ws) => (accepted = ws));
    return accepted;
  }

  /** Cuts every socket that is still there. */
  close(): void {
    for (const client of this.server.clients) client.terminate();
    this.server.close();
  }
}
