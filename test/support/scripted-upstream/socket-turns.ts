import { answer } from './answer.js';
import { isRecord, isWarmUp } from './codex-request.js';
import { unknownPrevious } from './failures.js';
import { json } from './plain-replies.js';
import type { RecordedRequest } from './recorded-request.js';
import type { RequestLog } from './request-log.js';
import type { ScriptedSocket, TurnServer } from './scripted-socket.js';
import { SocketWire } from './socket-wire.js';
import type { Reply } from './wire.js';

interface TurnOptions {
  readonly keep: boolean;
  readonly nowMs: () => number;
  readonly log: RequestLog;
  readonly reply: (turn: RecordedRequest) => Reply;
  readonly failed: (thrown: unknown) => void;
}

/** The model calls of a websocket: each `response.create` frame is one. Other frames get no answer. */
export class SocketTurns implements TurnServer {
  constructor(private readonly options: TurnOptions) {}

  serve(socket: ScriptedSocket, frame: Buffer): void {
    const type = typeOf(frame);
    if (type === 'response.create') void this.turn(socket, frame);
    else if (type === undefined) socket.cut(1007);
  }

  private async turn(socket: ScriptedSocket, frame: Buffer): Promise<void> {
    const { log, nowMs, keep, failed } = this.options;
    const turn = log.beginTurn(socket.upgrade);
    turn.accountId = socket.accountId;
    const wire = new SocketWire(socket, turn, nowMs);
    try {
      log.complete(turn, frame);
      const reply = this.replyTo(socket, turn);
      socket.begin(turn);
      const sent = reply.send(wire);
      if (!keep) turn.release();
      await sent;
    } catch (thrown) {
      if (!wire.isOpen) return;
      failed(thrown);
      await json(500, { error: { message: String(thrown) } }).send(wire);
    }
  }

  private replyTo(socket: ScriptedSocket, turn: RecordedRequest): Reply {
    if (socket.isBusy) throw new Error('A websocket runs one turn at a time.');
    const body = turn.json();
    if (!socket.follows(turn)) return unknownPrevious(isRecord(body) ? body['previous_response_id'] : undefined);
    return isWarmUp(body) ? answer([], { usage: null }) : this.options.reply(turn);
  }
}

function typeOf(frame: Buffer): unknown {
  try {
    const body: unknown = JSON.parse(frame.toString('utf8'));
    return isRecord(body) ? (body['type'] ?? null) : undefined;
  } catch {
    return undefined;
  }
}
