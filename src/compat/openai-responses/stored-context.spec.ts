import type { AccountId } from '../../core/index.js';
import { earlierInput } from './stored-context.js';

const ALICE = 'alice' as AccountId;
const BOB = 'bob' as AccountId;
const user = (text: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
const said = (text: string, over: object = {}) => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text }],
  ...over,
});
const turn = (input: readonly unknown[], output: readonly unknown[], accountId = ALICE) => ({
  accountId,
  content: { response: { id: 'resp_1', output }, input },
});
const answered = (...output: readonly unknown[]) => earlierInput([turn([], output)]);

describe('a stored conversation as input', () => {
  it('is each turn’s own input and then its answer, in order', () => {
    const turns = [turn([user('one')], [said('first')]), turn([user('two')], [said('second')])];
    expect(earlierInput(turns)).toEqual([user('one'), said('first'), user('two'), said('second')]);
  });

  it('has of a message its role, text and phase', () => {
    const text = { type: 'output_text', text: 'Hello', annotations: [], logprobs: [] };
    const refusal = { type: 'refusal', refusal: 'No.' };
    const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', phase: 'final_answer' };
    expect(answered({ ...item, content: [text, refusal] })).toEqual([
      { ...said('Hello', { phase: 'final_answer' }), content: [{ type: 'output_text', text: 'Hello' }, refusal] },
    ]);
  });

  it('has function calls, so that their outputs can follow', () => {
    const call = { id: 'fc_1', type: 'function_call', status: 'completed', name: 'weather', arguments: '{}' };
    const sent = { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' };
    expect(answered({ ...call, call_id: 'call_1' })).toEqual([sent]);
    expect(answered(call)).toEqual([{ ...sent, call_id: 'fc_1' }]);
  });

  it('has what else a call says that Codex CLIs need again: its namespace, and what was passed through', () => {
    const call = {
      type: 'function_call',
      call_id: 'call_1',
      name: 'create',
      namespace: 'mcp__notes',
      arguments: '{}',
      internal_chat_message_metadata_passthrough: { turn_id: 'turn_1' },
    };
    const ofTheBackend = { turn_id: 'turn_1', executed_tool_calls: [1] };
    expect(answered({ id: 'fc_1', status: 'completed', ...call })).toEqual([call]);
    const custom = { ...call, type: 'custom_tool_call', arguments: undefined, input: 'x' };
    expect(answered({ id: 'ctc_1', status: 'completed', ...custom })).toEqual([custom]);
    const odd = { ...call, internal_chat_message_metadata_passthrough: ofTheBackend };
    expect(answered({ id: 'fc_1', ...odd })).toEqual([odd]);
  });

  it('has reasoning that is encrypted, and no other (T2)', () => {
    const reasoning = {
      id: 'rs_1',
      type: 'reasoning',
      status: 'completed',
      summary: [{ type: 'summary_text', text: 'So.' }],
    };
    expect(answered(reasoning)).toEqual([]);
    expect(answered({ ...reasoning, encrypted_content: 'gAAA' })).toEqual([
      { type: 'reasoning', summary: reasoning.summary, encrypted_content: 'gAAA' },
    ]);
    expect(answered({ type: 'reasoning', encrypted_content: 'gAAA' })).toEqual([
      { type: 'reasoning', summary: [], encrypted_content: 'gAAA' },
    ]);
  });

  it('has no ids of what is stored nowhere, but pictures, which are named by theirs (T2)', () => {
    const search = { type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'x' } };
    const picture = { id: 'ig_1', type: 'image_generation_call', status: 'completed', result: 'aGk=' };
    expect(answered({ id: 'ws_1', ...search }, picture)).toEqual([search, picture]);
  });

  it('has only the reasoning of the account that answered last (T27)', () => {
    const reasoning = (text: string) => ({ type: 'reasoning', summary: [], encrypted_content: text });
    const turns = [
      turn([reasoning('given'), user('one')], [reasoning('alice'), said('first')], ALICE),
      turn([user('two')], [reasoning('bob'), said('second')], BOB),
    ];
    expect(earlierInput(turns)).toEqual([user('one'), said('first'), user('two'), reasoning('bob'), said('second')]);
  });

  it.each([{}, { response: null, input: 'x' }, { response: { output: [null, 1, {}] } }])(
    'is what can be made of %j',
    (content) => {
      expect(() => earlierInput([{ accountId: ALICE, content }])).not.toThrow();
    },
  );
});
