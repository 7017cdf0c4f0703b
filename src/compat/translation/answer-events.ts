import { GatewayError } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import type { AnswerEvent } from './answer-event.js';
import { AnswerReader } from './answer-reader.js';

/**
 * An exchange's answer as events that a dialect can put into its own words: `begun` first, `ended` last.
 *
 * @param parts the answer, its head already taken or not
 * @throws GatewayError when the answer is a failure, or breaks off before its end
 */
export async function* answerEvents(parts: AsyncIterable<AnswerPart>): AsyncGenerator<AnswerEvent> {
  const reader = new AnswerReader();
  for await (const part of parts) {
    if (part.kind === 'head') continue;
    for (const event of part.events) {
      for (const told of reader.read(event)) {
        yield told;
        if (told.kind === 'ended') return;
      }
    }
  }
  throw new GatewayError('stream_interrupted', 'The upstream stream ended before its terminal event.');
}
