import { asText, type Fields } from '../../../core/index.js';
import { invalid } from './invalid.js';

const CALLS: ReadonlySet<unknown> = new Set(['function_call', 'custom_tool_call']);

/**
 * Refuses calls of one turn that share an id: nobody could tell whose a result is. In another turn an id may come again,
 * as the names of functions do where they stand for ids.
 *
 * @param input the items of a Responses request
 * @throws GatewayError `invalid_request`. Source: seed-features N9
 */
export function requireDistinctCalls(input: readonly Fields[]): void {
  let ids = new Set<string>();
  for (const item of input) {
    const id = CALLS.has(item['type']) ? asText(item['call_id']) : undefined;
    if (id === undefined) {
      if (item['type'] !== 'reasoning' && ids.size > 0) ids = new Set();
      continue;
    }
    if (ids.has(id)) throw invalid('messages', 'messages: the calls of one turn must have ids of their own');
    ids.add(id);
  }
}
