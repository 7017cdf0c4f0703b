/** The events of Responses streams, one function for each. `at` is the place of their item in the answer. */

const USAGE = {
  input_tokens: 12,
  input_tokens_details: { cached_tokens: 4 },
  output_tokens: 7,
  output_tokens_details: { reasoning_tokens: 2 },
};
export const completed = (over: object = {}) => ({
  type: 'response.completed',
  response: { id: 'resp_1', status: 'completed', output: [], usage: USAGE, ...over },
});
export const delta = (at: number, said: string) => ({
  type: 'response.output_text.delta',
  item_id: `msg_${at}`,
  output_index: at,
  content_index: 0,
  delta: said,
});
export const think = (at: number, said: string) => ({
  type: 'response.reasoning_summary_text.delta',
  item_id: `rs_${at}`,
  output_index: at,
  summary_index: 0,
  delta: said,
});
const done = (at: number, item: object) => ({ type: 'response.output_item.done', output_index: at, item });
export const reasoned = (at: number, over: object = {}) =>
  done(at, { id: `rs_${at}`, type: 'reasoning', encrypted_content: `g${at}`, summary: [], ...over });
export const called = (at: number, over: object = {}) => ({
  type: 'response.output_item.added',
  output_index: at,
  item: { id: `fc_${at}`, type: 'function_call', call_id: `call_${at}`, name: 'look', arguments: '', ...over },
});
export const args = (at: number, piece: string) => ({
  type: 'response.function_call_arguments.delta',
  item_id: `fc_${at}`,
  output_index: at,
  delta: piece,
});
export const callDone = (at: number, whole: string, over: object = {}) =>
  done(at, { id: `fc_${at}`, type: 'function_call', call_id: `call_${at}`, name: 'look', arguments: whole, ...over });

export const incomplete = (reason: string) => ({
  type: 'response.incomplete',
  response: { status: 'incomplete', incomplete_details: { reason }, usage: USAGE },
});
