import { frameOf, GatewayError, terminalOf, type ResponseEvent, type TerminalKind } from '../../core/index.js';
import type { AnswerHead, AnswerPart } from '../../exchange/index.js';
import { reopen } from '../reopen.js';
import { errorFrame } from './error-frame.js';
import { projectedHeaders } from './projected-headers.js';
import { isRefusedContinuation, rewrittenEnd } from './rewritten-end.js';

/** Over HTTP only; on a websocket the end of a turn is its terminal event. */
const NO_EVENT = '[DONE]';
/** Statuses of an error frame that say something of an account, or of the moment: the same turn may well be served again. */
const AGAIN: ReadonlySet<number> = new Set([401, 402, 403, 408, 409, 425, 429]);

interface TurnEncoding {
  /** The model that was asked for. */
  readonly model: string;
  /** Tag of the caller's model list, once it is known. */
  readonly etag: Promise<string | undefined>;
  readonly nowMs: () => number;
}

/**
 * A turn's answer as frames of a websocket: the upstream's own text, after what HTTP would have said in headers, and with
 * an end that Codex understands. After the terminal frame it yields nothing more and throws nothing.
 *
 * @throws GatewayError before that: the turn has no terminal frame
 */
export async function* encodeTurn(parts: AsyncIterable<AnswerPart>, encoding: TurnEncoding): AsyncGenerator<string> {
  let ended = false;
  try {
    for await (const part of parts) {
      if (part.kind === 'head') yield* headFrames(part, await encoding.etag);
      else {
        for (const event of part.events) {
          const terminal = terminalOf(event);
          const frame = (terminal && endFrame(event, terminal, encoding.nowMs())) ?? textOf(event, encoding.model);
          ended ||= terminal !== undefined;
          if (frame !== undefined) yield frame;
        }
      }
    }
  } catch (thrown) {
    // The client has its answer; a second word about the same turn would be taken for the next one's.
    if (!ended) throw GatewayError.from(thrown);
  }
}

/** The first is for the gateway's clients in general, the second is where CLI 0.169 looks for its turn state. */
function* headFrames({ headers }: AnswerHead, etag: string | undefined): Generator<string> {
  const own = {
    ...(etag === undefined ? {} : { 'x-models-etag': etag }),
    ...(headers['openai-model'] === undefined ? {} : { 'openai-model': headers['openai-model'] }),
  };
  if (Object.keys(own).length > 0) yield JSON.stringify({ type: 'codex.response.metadata', headers: own });
  const state = headers['x-codex-turn-state'];
  if (state === undefined) return;
  yield JSON.stringify({ type: 'response.metadata', headers: { 'x-codex-turn-state': state } });
}

function textOf(event: ResponseEvent, model: string): string | undefined {
  const text = frameOf(event);
  if (text === undefined || text.trim() === '' || text === NO_EVENT) return undefined;
  return projectedHeaders(event, text, model);
}

/** @returns undefined for an end that Codex understands as it is */
function endFrame(event: ResponseEvent, terminal: TerminalKind, nowMs: number): string | undefined {
  if (isRefusedContinuation(terminal) || terminal.errorCode === 'websocket_connection_limit_reached') {
    return errorFrame(reopen(), nowMs);
  }
  const refusal = refusalIn(event, terminal);
  if (refusal) return JSON.stringify(refusal);
  const rewritten = rewrittenEnd(event);
  return rewritten && JSON.stringify(rewritten);
}

/** An error frame of the upstream about this very request: the client has to read it, and would get it again. */
function refusalIn(event: ResponseEvent, { status }: TerminalKind): object | undefined {
  if (event.type !== 'error' || status === undefined || status >= 500 || AGAIN.has(status)) return undefined;
  const json = event.json();
  const error = typeof json === 'object' && json !== null && 'error' in json ? json.error : undefined;
  return typeof error === 'object' && error !== null ? { type: 'error', status, error } : undefined;
}
