import type { IncomingHttpHeaders } from 'node:http';
import {
  asFields,
  asText,
  CallBody,
  GatewayError,
  type CallId,
  type Fields,
  type Principal,
  type RoutedCall,
} from '../../core/index.js';
import type { ExchangeSession, SessionService } from '../../exchange/index.js';
import { parseJsonObject } from '../../platform/http/index.js';
import { inCallersTrace } from '../../platform/telemetry/index.js';
import type { Received } from '../received.js';
import { sessionOf } from '../session-name.js';
import { TurnAdmission } from '../turn-admission.js';
import { TurnIds } from '../turn-ids.js';
import { turnSignal } from '../turn-signal.js';
import { turnTrace } from '../turn-trace.js';
import { modelName } from '../translation/model-name.js';
import type { Translated } from '../translation/translated.js';
import type { TranslatedCalls } from '../translation/translated-calls.service.js';
import { isWarmUp, WarmUp } from '../warm-up.js';
import { answerShape } from './answer-shape.js';
import { decodeResponses } from './decode.js';
import type { DecodedResponse } from './decoded.js';
import { responsesDialect } from './dialect.js';
import { encodeTurn, errorFrame, ownFrames, type Mark } from './encode-turn.js';
import { folded, foldingCall } from './folding.js';
import { streamIdOf, turnFrame, type TurnFrame } from './turn-frame.js';

/** What the turns of one websocket need of the rest of the gateway. */
export interface PublicTurnServices {
  readonly requestId: string;
  readonly route: string;
  /** Of the upgrade. */
  readonly headers: IncomingHttpHeaders;
  readonly session: Pick<ExchangeSession, 'run' | 'forward'>;
  readonly calls: Pick<TranslatedCalls, 'call'>;
  readonly check: SessionService['check'];
  /** Whether the caller may still be served, as of now. @throws GatewayError */
  readonly readmit: () => Promise<Principal>;
  /** The caller may not: no further turn is served. */
  readonly refuse: () => void;
  /** Is told of a turn that has no last event. */
  readonly failed: (error: GatewayError) => void;
  readonly newUuid: () => string;
  readonly newCallId: (nowMs: number) => CallId;
  /** Unix time in milliseconds. */
  readonly nowMs: () => number;
}

const UNMARKED: Mark = {};

/** What the client of one websocket asks for, turn by turn, and what is kept for it in between. */
export class PublicTurns {
  private readonly ids = new TurnIds();
  private readonly warmUp = new WarmUp();
  private readonly admission: TurnAdmission;

  constructor(private readonly services: PublicTurnServices) {
    this.admission = new TurnAdmission(services);
  }

  /**
   * Serve one frame.
   *
   * @param signal of the websocket: aborts when the client leaves or the process must go
   * @returns the frames that answer it, a failure included: none when its caller may not be served any more
   */
  async *serve(bytes: Buffer, signal: AbortSignal): AsyncGenerator<string> {
    let mark = UNMARKED;
    try {
      const caller = await this.admission.admitted();
      if (!caller) return;
      const frame = parseJsonObject(bytes);
      if (frame['type'] === 'response.processed') return await this.processed(frame, bytes);
      const streamId = streamIdOf(frame);
      if (streamId !== undefined) mark = { stream_id: streamId };
      yield* this.turn(turnFrame(frame), mark, caller, signal);
    } catch (thrown) {
      const error = GatewayError.from(thrown);
      this.services.failed(error);
      yield errorFrame(error, mark, this.services.nowMs());
    }
  }

  /** Look again whether the caller may be served, because something may have changed. Never rejects. */
  recheck(): Promise<void> {
    return this.admission.recheck();
  }

  /** Codex CLIs say so after a turn; its answer is silence. */
  private async processed(frame: Fields, bytes: Buffer): Promise<void> {
    if (!isWarmUp(frame['response_id'])) await this.services.session.forward(bytes);
  }

  private async *turn(
    { body: sent, turnId, warmsUp }: TurnFrame,
    mark: Mark,
    caller: Principal,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const body = this.warmUp.whole(sent);
    const received = this.received();
    if (warmsUp) return yield* await this.warmedUp(body, received, mark, caller);
    const { headers } = this.services;
    const decoded = decodeResponses(body, { pool: caller.pool, headers, transport: 'websocket' });
    if (turnId !== undefined && !this.ids.take(turnId)) {
      throw new GatewayError('duplicate_turn', 'This turn was already asked for.', { param: 'request_id' });
    }
    const previousId = asText(body['previous_response_id']);
    const call = await this.callOf(decoded, body, received, caller);
    const own = turnSignal(signal);
    try {
      const run = () => this.services.session.run(call, caller, previousId !== undefined, own.signal);
      const answer = inCallersTrace(turnTrace(headers, body), run);
      const shape = answerShape(decoded, received, previousId);
      yield* encodeTurn(decoded.folds ? folded(answer) : answer, shape, mark);
      this.warmUp.forget();
    } finally {
      own.release();
    }
  }

  private received(): Received {
    const { requestId, route, headers, newCallId, nowMs } = this.services;
    const receivedAtMs = nowMs();
    return { id: newCallId(receivedAtMs), transport: 'websocket', requestId, receivedAtMs, route, headers };
  }

  /** As the upstream's websocket wants it: what it goes on from is for the upstream to know. */
  private async callOf(
    decoded: DecodedResponse,
    body: Fields,
    received: Received,
    caller: Principal,
  ): Promise<RoutedCall> {
    const { wanted } = decoded;
    const previousId = asText(body['previous_response_id']);
    const goesOn = previousId === undefined ? {} : { previous_response_id: previousId };
    const translated: Translated = { ...decoded, wanted: { ...wanted, fields: { ...wanted.fields, ...goesOn } } };
    const session = sessionOf(received.headers) ?? sessionIn(body['client_metadata']);
    const call = await this.services.calls.call(
      session === undefined ? translated : { ...translated, session },
      responsesDialect.name,
      received,
      caller,
    );
    const framed = { ...call, body: new CallBody(frameBytes(call.body.bytes)) };
    return decoded.folds ? foldingCall(framed) : framed;
  }

  /** What a turn would be refused for is told now; nothing goes upstream, and nothing is accounted for (trap 48). */
  private async warmedUp(body: Fields, received: Received, mark: Mark, caller: Principal): Promise<readonly string[]> {
    const model = modelName(body['model'], caller.pool);
    const nothing = { wanted: { model, input: [], fields: {} }, stream: true };
    await this.services.check(await this.services.calls.call(nothing, responsesDialect.name, received, caller), caller);
    return ownFrames(this.warmUp.answer({ model }, body, this.services.newUuid()), mark);
  }
}

/** A Responses body as a frame. It is an object of our own making, and never an empty one. */
const frameBytes = (body: Buffer): Buffer =>
  Buffer.concat([Buffer.from('{"type":"response.create","generate":true,'), body.subarray(1)]);

/** On a websocket a Codex CLI repeats what it says of its session in every turn. Source: codex-cli-wire §3.3. */
function sessionIn(given: unknown): string | undefined {
  const metadata = asFields(given);
  return [metadata?.['session_id'], metadata?.['thread_id']].map(asText).find((id) => id?.trim() !== undefined);
}
