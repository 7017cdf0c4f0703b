import type { CallId, RoutedCall } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { isUnreadableReasoning } from './unreadable-reasoning.js';

/**
 * One head, then the answer's events. Reasoning that a client brings back may be of nobody knows which account: when the
 * one that got it cannot read it, the call is made once more, without.
 *
 * @param newId names that second call: it has a ledger entry of its own
 */
export async function* onceMore(
  call: RoutedCall,
  run: (call: RoutedCall) => AsyncIterable<AnswerPart>,
  newId: () => CallId,
): AsyncGenerator<AnswerPart> {
  let begun = false;
  try {
    for await (const part of run(call)) {
      begun = true;
      yield part;
    }
    return;
  } catch (error) {
    if (begun || !isUnreadableReasoning(error) || call.body.unsealed() === call.body) throw error;
  }
  yield* run({ ...call, id: newId(), body: call.body.unsealed(), withoutReasoning: true });
}
