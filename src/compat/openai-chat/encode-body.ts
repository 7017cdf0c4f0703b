import { GatewayError, type Fields } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { ChatMessage } from './chat-message.js';
import type { ChatCall } from './chat-shape.js';
import { chatSteps, type ChatHead } from './chat-steps.js';
import { finishedAnswer, type Finished } from './completion.js';

/**
 * An answer as one `chat.completion`.
 *
 * @param finished is told of it before the client is
 * @throws GatewayError when the answer fails or breaks off
 */
export async function encodeBody(
  parts: AsyncIterable<AnswerPart>,
  call: ChatCall,
  finished: (answer: Finished) => Promise<void>,
): Promise<Fields> {
  const message = new ChatMessage();
  let head: ChatHead | undefined;
  for await (const step of chatSteps(parts, call)) {
    if (step.kind === 'begun') head = step.head;
    else if (step.kind === 'delta') message.add(step.delta);
    else if (head !== undefined) {
      const answer = finishedAnswer(head, message, step.end, call);
      await finished(answer);
      return answer.completion;
    }
  }
  throw new GatewayError('stream_interrupted', 'The upstream stream ended before its terminal event.');
}
