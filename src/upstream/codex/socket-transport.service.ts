import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { WebSocket } from 'ws';
import { GatewayError } from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { CodexSocket } from './codex-socket.adapter.js';
import { handshake, noWebsockets } from './handshake.js';
import { keepPinging } from './heartbeat.js';
import type { SocketRequest } from './socket-request.js';

/** How long an upstream that serves no websockets is not asked for one again. */
const REFUSED_MS = 60_000;

/** No compression, no redirects: where one leads, our credentials do not belong. */
const OPTIONS = {
  perMessageDeflate: false,
  followRedirects: false,
  maxPayload: 64 * 1024 * 1024,
  /** How long a peer that said goodbye may keep the connection, in milliseconds. */
  closeTimeout: 1_000,
};

/** Our side of the websockets to the provider. */
@Injectable()
export class SocketTransport implements OnApplicationShutdown {
  private readonly sockets = new Set<WebSocket>();
  private refusedUntilMs = 0;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'UPSTREAM_CONNECT_MS' | 'UPSTREAM_IDLE_MS'>) {}

  /** False for a while after the upstream answered an upgrade with what means that it serves none. */
  served(nowMs: number): boolean {
    return nowMs >= this.refusedUntilMs;
  }

  /** @throws GatewayError `upstream_websocket_unavailable`, or as for an answer over HTTP */
  async connect({ url, headers }: SocketRequest, signal: AbortSignal): Promise<CodexSocket> {
    if (!this.served(Date.now())) throw noWebsockets();
    const ws = new WebSocket(url, { ...OPTIONS, headers: { ...headers } });
    this.sockets.add(ws);
    ws.once('close', () => this.sockets.delete(ws));
    const socket = new CodexSocket(ws, this.config.UPSTREAM_IDLE_MS);
    try {
      socket.opened(await handshake(ws, this.config.UPSTREAM_CONNECT_MS, Date.now(), signal));
    } catch (thrown) {
      const failure = GatewayError.from(thrown);
      if (failure.code === 'upstream_websocket_unavailable') this.refusedUntilMs = Date.now() + REFUSED_MS;
      throw failure;
    }
    keepPinging(ws);
    return socket;
  }

  onApplicationShutdown(): void {
    for (const ws of this.sockets) ws.terminate();
  }
}
