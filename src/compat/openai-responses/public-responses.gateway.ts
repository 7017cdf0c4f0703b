import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import { CallerWatch } from '../../auth/index.js';
import { GatewayError, newCallId } from '../../core/index.js';
import { SessionService } from '../../exchange/index.js';
import { LiveStreams, type ClientSocket, type DoorOptions, type Upgraded } from '../../platform/http/index.js';
import { safeError } from '../../platform/telemetry/index.js';
import { serveSession } from '../socket-session.js';
import { TranslatedCalls } from '../translation/translated-calls.service.js';
import { errorFrame } from './encode-turn.js';
import { PublicTurns } from './public-turns.js';

/** Policy violation: the caller may not be served any more. */
const REFUSED = 1008;

/**
 * `GET /v1/responses` as a websocket: one upstream socket behind it, one turn after another. Where the upstream serves no
 * websockets a turn runs over HTTP, so that a client that knows nothing else is served all the same.
 */
@WebSocketGateway<DoorOptions>({ path: '/v1/responses' })
export class PublicResponsesGateway implements OnGatewayConnection<ClientSocket> {
  private readonly log = new Logger('PublicResponsesGateway');

  constructor(
    private readonly sessions: SessionService,
    private readonly live: LiveStreams,
    private readonly calls: TranslatedCalls,
    private readonly watch: CallerWatch,
  ) {}

  handleConnection(socket: ClientSocket, upgrade: Upgraded): void {
    void this.live.serve(socket, (signal) => this.serve(socket, upgrade, signal));
  }

  private async serve(socket: ClientSocket, upgrade: Upgraded, signal: AbortSignal): Promise<void> {
    const session = this.sessions.open();
    const { requestId, path, headers, caller } = upgrade;
    const turns = new PublicTurns({
      requestId,
      route: path,
      headers,
      session,
      calls: this.calls,
      check: (call, by) => this.sessions.check(call, by),
      readmit: () => upgrade.readmit(),
      refuse: () => socket.stop(REFUSED),
      failed: (error) => this.note(error, requestId),
      newUuid: randomUUID,
      newCallId,
      nowMs: Date.now,
    });
    const unhear = this.watch.onChange(caller.keyId, () => void turns.recheck());
    try {
      await serveSession(
        socket,
        (frame) => turns.serve(frame, signal),
        (thrown) => errorFrame(GatewayError.from(thrown), {}, Date.now()),
      );
    } finally {
      unhear();
      session.close();
    }
  }

  private note(error: GatewayError, requestId: string): void {
    if (error.code !== 'internal') return;
    this.log.error({ msg: 'a turn failed', requestId, error: safeError(error.cause ?? error) });
  }
}
