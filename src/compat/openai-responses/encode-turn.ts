import type { ErrorCode, Fields, GatewayError } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { openaiError, openaiStatus } from '../openai-errors.js';
import type { AnswerShape } from './answer-shape.js';
import { PublicAnswer, textOf } from './public-answer.js';
import { publicEvents } from './public-events.js';

/** What an answer that broke off is called on a websocket. Source: runtime contract §9.8. */
const BROKEN: Partial<Record<ErrorCode, string>> = {
  stream_interrupted: 'upstream_stream_error',
  stream_idle_timeout: 'stream_idle_timeout',
};

/** What every frame of a turn carries that the client gave a name to. */
export interface Mark {
  readonly stream_id?: string;
}

/**
 * A turn's answer as frames of the websocket: the events of the same answer over HTTP, counted anew in each turn. What a
 * websocket continues from is with the upstream, so nothing is stored.
 *
 * @throws GatewayError when it breaks off before its end
 */
export async function* encodeTurn(
  parts: AsyncIterable<AnswerPart>,
  shape: AnswerShape,
  mark: Mark,
): AsyncGenerator<string> {
  for await (const events of publicEvents(parts, new PublicAnswer(shape), async () => undefined)) {
    for (const event of events)
      yield 'stream_id' in mark ? JSON.stringify({ ...event.fields, ...mark }) : textOf(event);
  }
}

/** Events of our own as frames of one turn. */
export const ownFrames = (events: readonly Fields[], mark: Mark): readonly string[] =>
  events.map((event, number) => JSON.stringify({ ...event, sequence_number: number, ...mark }));

/** The last frame of a turn that has no last event. @param nowMs Unix time in milliseconds */
export function errorFrame(error: GatewayError, mark: Mark, nowMs: number): string {
  const { message, ...told } = openaiError(error, nowMs);
  const code = BROKEN[error.code] ?? told['code'];
  return JSON.stringify({ type: 'error', status: openaiStatus(error), error: { message, ...told, code }, ...mark });
}
