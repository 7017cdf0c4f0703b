import { randomUUID } from 'node:crypto';
import type { CallId } from '../../core/index.js';
import { answered } from '../../../test/support/answered.js';
import { checkpointText } from '../translation/checkpoint.js';
import { chatHistory, chatReasoning, compactCall, compactedItems, looksAnthropic, looksLikeChat } from './compact.js';

const received = {
  id: randomUUID() as CallId,
  transport: 'http',
  requestId: 'req_1',
  receivedAtMs: 0,
  route: '/v1/compact',
  headers: { 'x-openai-subagent': 'compact', 'session-id': 'sess-1' },
} as const;

describe('chatHistory', () => {
  it('has all messages, also what system messages say', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
    ];
    expect(chatHistory({ messages })).toMatchObject([
      { role: 'user', content: [{ text: 'Be brief.' }] },
      { role: 'user', content: [{ text: 'Hi' }] },
      { role: 'assistant', content: [{ text: 'Hello' }] },
    ]);
  });

  it('has what an earlier checkpoint stands for', () => {
    const items = [{ type: 'compaction', encrypted_content: 'gAAAA' }];
    expect(chatHistory({ messages: [{ role: 'system', content: checkpointText(items) }] })).toEqual(items);
  });

  it.each([undefined, [], 'hi'])('refuses %j', (messages) => {
    expect(() => chatHistory({ messages })).toThrow(
      expect.objectContaining({ code: 'invalid_request', detail: { param: 'messages' } }) as Error,
    );
  });
});

describe('a body', () => {
  it.each([{ system: 'x' }, { thinking: {} }, { stop_sequences: [] }])('with %j is of Anthropic', (body) => {
    expect(looksAnthropic(body)).toBe(true);
  });

  it('is of chat by its roles and its calls', () => {
    expect(looksAnthropic({ messages: [], tool_choice: 'auto' })).toBe(false);
    expect(looksLikeChat({ messages: [{ role: 'tool' }] })).toBe(true);
    expect(looksLikeChat({ messages: [{ role: 'assistant', tool_calls: [] }] })).toBe(true);
    expect(looksLikeChat({ messages: [{ role: 'system' }, { role: 'user' }] })).toBe(false);
  });
});

describe('compactCall', () => {
  const input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }];
  const folding = {
    model: 'gpt-5.5',
    input,
    instructions: 'Fold.',
    reasoning: chatReasoning({ reasoning_effort: 'LOW' }),
  };
  const call = compactCall(folding, {}, 'openai', received);

  it('asks for the items alone: no stream, nothing stored, no tools (T5)', () => {
    expect(JSON.parse(call.body.bytes.toString())).toEqual({
      model: 'gpt-5.5',
      instructions: 'Fold.',
      input,
      tools: [],
      parallel_tool_calls: false,
      reasoning: { effort: 'low' },
    });
    expect(call).toMatchObject({ operation: 'compact', stream: false });
  });

  it('belongs to the session of its client, and names the sub-agent', () => {
    expect(call).toMatchObject({ session: 'sess-1', headers: { 'x-openai-subagent': 'compact' } });
  });
});

describe('compactedItems', () => {
  it('are the output of the answer', async () => {
    const output = [{ type: 'compaction', encrypted_content: 'gAAAA' }];
    expect(await compactedItems(answered({ output }))).toEqual(output);
  });

  it.each([{}, { output: 'x' }, { output: [] }, { output: [1] }])('are not %j: that is a failure', async (answer) => {
    await expect(compactedItems(answered(answer))).rejects.toMatchObject({ code: 'invalid_compaction_response' });
  });
});
