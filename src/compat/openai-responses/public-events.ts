import { GatewayError, terminalOf, type AccountId, type EventBatch, type Fields } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import type { PublicAnswer, PublicEvent } from './public-answer.js';

/** Is told of a response that is over, before its client is. */
export type Finished = (response: Fields, accountId: AccountId | undefined) => Promise<void>;

/**
 * An answer's events for a public client, as many at a time as the upstream sent; after the last event of the answer
 * there is nothing. A failure that the upstream speaks of is an event.
 *
 * @throws GatewayError when the answer breaks off before its end
 */
export async function* publicEvents(
  parts: AsyncIterable<AnswerPart>,
  answer: PublicAnswer,
  finished: Finished,
): AsyncGenerator<readonly PublicEvent[]> {
  let accountId: AccountId | undefined;
  let ended = false;
  try {
    for await (const part of parts) {
      if (part.kind === 'head') {
        ({ accountId } = part);
        continue;
      }
      const { events, response, isLast } = read(part, answer);
      if (response) await finished(response, accountId);
      ended = isLast;
      if (events.length > 0) yield events;
      if (isLast) return;
    }
  } catch (thrown) {
    // The client has its answer; a second word about it would be taken for another one.
    if (ended) return;
    throw thrown;
  }
  throw new GatewayError('stream_interrupted', 'The upstream stream ended before its terminal event.');
}

interface Read {
  readonly events: readonly PublicEvent[];
  /** The whole one, of an answer that did not fail. */
  readonly response?: Fields;
  readonly isLast: boolean;
}

function read({ events }: EventBatch, answer: PublicAnswer): Read {
  // The exchange cuts a batch off after its terminal event, so only the last one can be it.
  const last = events.at(-1);
  const terminal = last && terminalOf(last);
  if (!last || !terminal) return { events: passed(events, answer), isLast: false };
  const isFirst = terminal.outcome === 'completed' && !events.some(({ type }) => type === 'response.created');
  const introduction = isFirst ? answer.introduction(terminal) : undefined;
  const before = [...(introduction ? [introduction] : []), ...passed(events.slice(0, -1), answer)];
  if (terminal.outcome === 'failed') return { events: [...before, ...answer.failure(last, terminal)], isLast: true };
  const response = answer.whole(terminal);
  return { events: [...before, ...answer.ending(last, terminal, response)], response, isLast: true };
}

const passed = (events: EventBatch['events'], answer: PublicAnswer): readonly PublicEvent[] =>
  events.map((event) => answer.passed(event)).filter((event) => event !== undefined);
