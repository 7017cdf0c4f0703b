import { labelOf, terminalOf, type ResponseEvent } from '../../core/index.js';

/**
 * Whether an event's label and its JSON name different types, so that nobody can say which of them is right: translated
 * surfaces tell nothing of it (trap 5). The last event of an answer counts all the same, as it does for the ledger.
 */
export function contradictsItself(event: ResponseEvent): boolean {
  const label = labelOf(event);
  return label !== undefined && label !== event.type && terminalOf(event) === undefined;
}
