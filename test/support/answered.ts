import { from, SseFramer, type AccountId, type EventBatch } from '../../src/core/index.js';
import type { AnswerPart } from '../../src/exchange/index.js';

/** An answer of the exchange whose stream holds these events, each in a batch of its own. */
export const answered = (...events: readonly object[]): AsyncIterable<AnswerPart> =>
  from<AnswerPart>([
    { kind: 'head', status: 200, headers: {}, accountId: 'account-1' as AccountId },
    ...events.map((event) => ({ kind: 'batch' as const, ...batchOf(event) })),
  ]);

/** The same, breaking off with an error after its events. */
export async function* brokenOff(error: unknown, ...events: readonly object[]): AsyncGenerator<AnswerPart> {
  yield* answered(...events);
  throw error;
}

function batchOf(event: object): EventBatch {
  const type = 'type' in event ? `event: ${String(event.type)}\n` : '';
  const batch = new SseFramer().push(Buffer.from(`${type}data: ${JSON.stringify(event)}\n\n`));
  if (batch === undefined) throw new Error('A closed block is a batch.');
  return batch;
}
