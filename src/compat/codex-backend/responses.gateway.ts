import { randomUUID } from 'node:crypto';
import { Inject, Logger } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection, type OnGatewayInit } from '@nestjs/websockets';
import { CallerWatch } from '../../auth/index.js';
import { GatewayError, newCallId } from '../../core/index.js';
import { SessionService } from '../../exchange/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import {
  LiveStreams,
  withKeepAlive,
  type ClientSocket,
  type DoorOptions,
  type Upgraded,
  type WebsocketDoor,
} from '../../platform/http/index.js';
import { safeError } from '../../platform/telemetry/index.js';
import { serveSession } from '../socket-session.js';
import { errorFrame } from './error-frame.js';
import { PoolReport } from './pool-report.service.js';
import { SocketTurns } from './socket-turns.js';

/** Any text frame resets a CLI's idle timer, a ping does not. Source: codex-cli-wire §4.1. */
const KEEP_ALIVE = '{"type":"keepalive"}';
/** Policy violation: the caller may not be served any more. */
const REFUSED = 1008;

/** `GET /backend-api/codex/responses` as a websocket: one upstream socket behind it, one turn after another. */
@WebSocketGateway<DoorOptions>({
  path: '/backend-api/codex/responses',
  aliases: ['/backend-api/codex/v1/responses'],
})
export class ResponsesGateway implements OnGatewayInit<WebsocketDoor>, OnGatewayConnection<ClientSocket> {
  private readonly log = new Logger('ResponsesGateway');

  constructor(
    private readonly sessions: SessionService,
    private readonly live: LiveStreams,
    private readonly report: PoolReport,
    private readonly watch: CallerWatch,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  afterInit(door: WebsocketDoor): void {
    door.admit = async ({ caller }) => {
      // A 426 sends a CLI on over HTTP at once and silently. Source: codex-cli-wire §5.1.
      if (!this.sessions.served)
        throw new GatewayError('websocket_unavailable', 'Websockets are not served: use HTTP.');
      const etag = await this.report.modelsEtag(caller);
      return etag === undefined ? {} : { 'x-models-etag': etag };
    };
  }

  handleConnection(socket: ClientSocket, upgrade: Upgraded): void {
    void this.live.serve(socket, (signal) => this.serve(socket, upgrade, signal));
  }

  private async serve(socket: ClientSocket, upgrade: Upgraded, signal: AbortSignal): Promise<void> {
    const session = this.sessions.open();
    const { requestId, path, headers, caller } = upgrade;
    const turns = new SocketTurns({
      requestId,
      route: path,
      headers,
      session,
      check: (call, by) => this.sessions.check(call, by),
      readmit: () => upgrade.readmit(),
      refuse: () => socket.stop(REFUSED),
      report: this.report,
      newUuid: randomUUID,
      newCallId,
      nowMs: Date.now,
    });
    const unhear = this.watch.onChange(caller.keyId, () => void turns.recheck());
    try {
      await serveSession(
        socket,
        (frame) => withKeepAlive(turns.serve(frame, signal), KEEP_ALIVE, this.config.KEEPALIVE_MS),
        (thrown) => this.lastFrame(GatewayError.from(thrown), requestId),
      );
    } finally {
      unhear();
      session.close();
    }
  }

  private lastFrame(error: GatewayError, requestId: string): string {
    if (error.code === 'internal') {
      this.log.error({ msg: 'a turn failed', requestId, error: safeError(error.cause ?? error) });
    }
    return errorFrame(error, Date.now());
  }
}
