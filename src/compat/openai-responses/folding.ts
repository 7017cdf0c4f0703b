import { asFields, GatewayError, type ResponseEvent, type RoutedCall } from '../../core/index.js';
import type { AnswerPart } from '../../exchange/index.js';
import { onlyCompaction } from '../codex-backend/only-compaction.js';

/** A call whose answer is the folded conversation. One thing in the ledger, however it is asked for. */
export const foldingCall = (call: RoutedCall): RoutedCall => ({
  ...call,
  operation: 'compaction',
  route: `${call.route}/compact`,
});

/**
 * The answer of a folding call: the one item, and the response that holds nothing else.
 *
 * @throws GatewayError `invalid_compaction_response` when there is no such item, or nothing in it
 */
export async function* folded(parts: AsyncIterable<AnswerPart>): AsyncGenerator<AnswerPart> {
  for await (const part of onlyCompaction(parts)) {
    if (part.kind === 'batch' && part.events.some(isBlank)) {
      throw new GatewayError('invalid_compaction_response', 'The upstream answered the compaction without its result.');
    }
    yield part;
  }
}

function isBlank(event: ResponseEvent): boolean {
  if (event.type !== 'response.output_item.done') return false;
  const content = asFields(asFields(event.json())?.['item'])?.['encrypted_content'];
  return typeof content === 'string' && content.trim() === '';
}
