import type { AccountId, Fields } from '../../core/index.js';
import type { ChatMessage } from './chat-message.js';
import type { ChatShape } from './chat-shape.js';
import type { ChatEnd, ChatHead } from './chat-steps.js';

/** An answer that is over and was not yet shown to be. */
export interface Finished {
  /** The `chat.completion`, whether it was streamed or not. */
  readonly completion: Fields;
  /** The upstream's response, with all of its items. */
  readonly response: Fields;
  /** Who answered. */
  readonly accountId?: AccountId;
}

export function finishedAnswer(head: ChatHead, message: ChatMessage, end: ChatEnd, shape: ChatShape): Finished {
  const { finishReason, usage, serviceTier, response, accountId } = end;
  const { metadata, choices } = shape;
  const { response_id: responseId, ...known } = head;
  const choice = { message: message.whole(), finish_reason: finishReason };
  const completion = {
    ...known,
    object: 'chat.completion',
    choices: Array.from({ length: choices }, (_, index) => ({ index, ...choice })),
    ...(usage === undefined ? {} : { usage }),
    ...(serviceTier === undefined ? {} : { service_tier: serviceTier }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(responseId === undefined ? {} : { response_id: responseId }),
  };
  return { completion, response, ...(accountId === undefined ? {} : { accountId }) };
}
