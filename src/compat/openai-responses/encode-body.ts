import { GatewayError, terminalOf, type AccountId, type Fields } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { responseFailure } from '../translation/response-failure.js';
import type { AnswerShape } from './answer-shape.js';
import { PublicAnswer } from './public-answer.js';
import type { Finished } from './public-events.js';

/**
 * The response that an answer's stream ends in, whole, as its stream would end in it too.
 *
 * @throws GatewayError when the answer is a failure, or breaks off before its end
 */
export async function encodeBody(
  parts: AsyncIterable<AnswerPart>,
  shape: AnswerShape,
  finished: Finished,
): Promise<Fields> {
  const answer = new PublicAnswer(shape);
  let accountId: AccountId | undefined;
  for await (const part of parts) {
    if (part.kind === 'head') {
      ({ accountId } = part);
      continue;
    }
    for (const event of part.events) {
      const terminal = terminalOf(event);
      if (!terminal) answer.passed(event);
      else if (terminal.outcome === 'failed') throw responseFailure(terminal, event.json());
      else {
        const response = answer.whole(terminal);
        await finished(response, accountId);
        return response;
      }
    }
  }
  throw new GatewayError('stream_interrupted', 'The upstream stream ended before its terminal event.');
}
