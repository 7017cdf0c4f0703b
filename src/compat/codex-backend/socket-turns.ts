import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError, type CallId, type Fields, type Principal } from '../../core/index.js';
import type { ExchangeSession, SessionService } from '../../exchange/index.js';
import { parseJsonObject } from '../../platform/http/index.js';
import { inCallersTrace } from '../../platform/telemetry/index.js';
import { TurnAdmission } from '../turn-admission.js';
import { TurnIds } from '../turn-ids.js';
import { turnSignal } from '../turn-signal.js';
import { turnTrace } from '../turn-trace.js';
import { isWarmUp, WarmUp } from '../warm-up.js';
import { decodeTurn, requireCreate, turnIdOf, type Turn } from './decode-turn.js';
import { encodeTurn } from './encode-turn.js';
import { onlyCompaction } from './only-compaction.js';
import type { PoolReport } from './pool-report.service.js';

/** What the turns of one websocket need of the rest of the gateway. */
export interface TurnServices {
  readonly requestId: string;
  readonly route: string;
  /** Of the upgrade. */
  readonly headers: IncomingHttpHeaders;
  readonly session: Pick<ExchangeSession, 'run' | 'forward'>;
  readonly check: SessionService['check'];
  /** Whether the caller may still be served, as of now. @throws GatewayError */
  readonly readmit: () => Promise<Principal>;
  /** The caller may not: no further turn is served. */
  readonly refuse: () => void;
  readonly report: Pick<PoolReport, 'modelsEtag' | 'parts'>;
  readonly newUuid: () => string;
  readonly newCallId: (nowMs: number) => CallId;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
}

/** What the client of one websocket asks for, turn by turn, and what is kept for it in between. */
export class SocketTurns {
  private readonly ids = new TurnIds();
  private readonly warmUp = new WarmUp();
  private readonly admission: TurnAdmission;

  constructor(private readonly services: TurnServices) {
    this.admission = new TurnAdmission(services);
  }

  /**
   * Serve one frame.
   *
   * @param signal of the websocket: aborts when the client leaves or the process must go
   * @returns the frames that answer it: none when it asks for nothing, or when its caller may not be served any more
   * @throws GatewayError when the turn has no terminal frame
   */
  async *serve(bytes: Buffer, signal: AbortSignal): AsyncGenerator<string> {
    const caller = await this.admission.admitted();
    if (!caller) return;
    const frame = parseJsonObject(bytes);
    if (frame['type'] === 'response.processed') return this.processed(frame, bytes);
    requireCreate(frame);
    const id = turnIdOf(frame);
    const turn = this.decoded(frame, bytes, caller);
    if (id !== undefined && !this.ids.take(id)) {
      throw new GatewayError('duplicate_turn', 'This turn was already asked for.', { param: 'request_id' });
    }
    if (frame['generate'] === false) yield* await this.warmedUp(turn, caller);
    else yield* this.answered(turn, caller, signal);
  }

  /** Look again whether the caller may be served, because something may have changed. Never rejects. */
  recheck(): Promise<void> {
    return this.admission.recheck();
  }

  private async processed(frame: Fields, bytes: Buffer): Promise<void> {
    // A warm-up was answered here: no upstream knows its id.
    if (!isWarmUp(frame['response_id'])) await this.services.session.forward(bytes);
  }

  private decoded(frame: Fields, bytes: Buffer, { pool }: Principal): Turn {
    const { requestId, route, headers, newCallId, nowMs } = this.services;
    const receivedAtMs = nowMs();
    const received = { id: newCallId(receivedAtMs), requestId, receivedAtMs, route, headers };
    return decodeTurn(frame, this.warmUp.whole(frame), bytes, received, pool);
  }

  /** What a turn would be refused for is told now; nothing goes upstream, and nothing is accounted for. */
  private async warmedUp({ call, whole }: Turn, caller: Principal): Promise<readonly string[]> {
    await this.services.check(call, caller);
    const events = this.warmUp.answer(call, whole, this.services.newUuid());
    return events.map((event) => JSON.stringify(event));
  }

  private async *answered(
    { call, whole, continues }: Turn,
    caller: Principal,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const { session, report, headers, nowMs } = this.services;
    const own = turnSignal(signal);
    try {
      const answer = inCallersTrace(turnTrace(headers, whole), () => session.run(call, caller, continues, own.signal));
      const parts = call.operation === 'compaction' ? onlyCompaction(answer) : report.parts(answer, caller);
      yield* encodeTurn(parts, { model: call.model, etag: report.modelsEtag(caller), nowMs });
      this.warmUp.forget();
    } finally {
      own.release();
    }
  }
}
