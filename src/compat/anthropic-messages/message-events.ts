import { setImmediate } from 'node:timers/promises';
import { asFields, type AccountId, type Fields } from '../../core/index.js';
import type { AnswerHead, AnswerPart } from '../../exchange/index.js';
import type { AnswerEvent } from '../translation/answer-event.js';
import { answerEvents } from '../translation/answer-events.js';
import type { DecodedMessages } from './decode.js';
import { MessageBlocks } from './message-blocks.js';
import type { MessageEvent, StopReason } from './message-event.js';
import { messageUsage, NO_USAGE } from './message-usage.js';
import type { SealedThinking } from './sealed-thinking.js';

/** What an answer is told with. */
export interface Telling extends Pick<DecodedMessages, 'model' | 'names' | 'stopSequences' | 'wantsThinking'> {
  /** Of the message. */
  readonly id: string;
  readonly thinking: SealedThinking;
}

/**
 * An answer as the events of a Messages stream. The first does not wait for the upstream; only a failure that is there
 * already comes before it, as an exception.
 *
 * @throws GatewayError when the answer is a failure, or breaks off before its end
 */
export async function* messageEvents(parts: AsyncIterable<AnswerPart>, telling: Telling): AsyncGenerator<MessageEvent> {
  let accountId = '' as AccountId;
  const events = answerEvents(withHead(parts, (head) => (accountId = head.accountId)));
  const blocks = new MessageBlocks({
    signature: (item) => telling.thinking.seal(item, accountId),
    ownName: (name) => telling.names.own(name),
    stopSequences: telling.stopSequences,
    wantsThinking: telling.wantsThinking,
  });
  let refused = false;
  try {
    const first = events.next();
    await Promise.race([first, setImmediate()]);
    yield { type: 'message_start', message: emptyMessage(telling) };
    for (let step = await first; step.done !== true; step = await events.next()) {
      refused ||= step.value.kind === 'refusal';
      yield* told(step.value, blocks, refused);
    }
  } finally {
    await events.return(undefined);
  }
}

function* told(event: AnswerEvent, blocks: MessageBlocks, refused: boolean): Generator<MessageEvent> {
  if (event.kind === 'begun' || event.kind === 'item') return;
  if (event.kind !== 'ended') return yield* blocks.write(event);
  yield* blocks.end();
  const delta = { stop_reason: stopReason(event, blocks, refused), stop_sequence: blocks.stoppedBy ?? null };
  yield { type: 'message_delta', delta, usage: messageUsage(event.response) };
  yield { type: 'message_stop' };
}

function stopReason(
  { outcome, response }: Extract<AnswerEvent, { kind: 'ended' }>,
  { stoppedBy, hasCalls }: MessageBlocks,
  refused: boolean,
): StopReason {
  if (stoppedBy !== undefined) return 'stop_sequence';
  if (outcome === 'incomplete') {
    return asFields(response['incomplete_details'])?.['reason'] === 'content_filter' ? 'refusal' : 'max_tokens';
  }
  if (hasCalls) return 'tool_use';
  return refused ? 'refusal' : 'end_turn';
}

/** As SDKs begin to fill it: they read `usage` at once. */
const emptyMessage = ({ id, model }: Telling): Fields => ({
  id,
  type: 'message',
  role: 'assistant',
  model,
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: NO_USAGE,
});

async function* withHead(
  parts: AsyncIterable<AnswerPart>,
  seen: (head: AnswerHead) => void,
): AsyncGenerator<AnswerPart> {
  for await (const part of parts) {
    if (part.kind === 'head') seen(part);
    yield part;
  }
}
