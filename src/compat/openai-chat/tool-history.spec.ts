import { conversationOf } from './conversation.js';

const said = (role: string, ...texts: string[]) => ({
  type: 'message',
  role,
  content: texts.map((text) => ({ type: role === 'assistant' ? 'output_text' : 'input_text', text })),
});
const call = (id: string, name: string, args = '{}') => ({
  type: 'function_call',
  call_id: id,
  name,
  arguments: args,
});
const result = (id: string, output: unknown) => ({ type: 'function_call_output', call_id: id, output });
const user = (content: unknown) => ({ role: 'user', content });
const inputOf = (...messages: unknown[]) => conversationOf(messages).input;

describe('the tools of a chat history', () => {
  it('has calls behind the text of the message that makes them', () => {
    const calls = [
      { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
      { call_id: 'call_2', id: 'fc_2', type: 'function', function: { name: 'g', arguments: { b: 2 } }, index: 1 },
    ];
    expect(
      inputOf(
        { role: 'assistant', content: 'Let me look.', tool_calls: calls },
        { role: 'tool', tool_call_id: 'call_1', content: 'one' },
        {
          role: 'tool',
          tool_call_id: 'call_2',
          content: [
            { type: 'text', text: 'tw' },
            { type: 'text', text: 'o' },
          ],
        },
      ),
    ).toEqual([
      said('assistant', 'Let me look.'),
      call('call_1', 'f', '{"a":1}'),
      call('call_2', 'g', '{"b":2}'),
      result('call_1', 'one'),
      result('call_2', 'two'),
    ]);
  });

  it('is refused when two calls of a message share an id (N9)', () => {
    const called = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };
    const twice = { role: 'assistant', tool_calls: [called, called] };
    expect(() => inputOf(user('go'), twice)).toThrow(
      expect.objectContaining({ detail: { param: 'messages' } }) as Error,
    );
  });

  it('leaves out a call that nothing can refer to, and an empty message beside calls', () => {
    const calls = [
      { function: { name: 'f' } },
      { id: 'call_1', function: {} },
      { id: 'call_2', function: { name: 'g' } },
    ];
    expect(inputOf({ role: 'assistant', content: '', tool_calls: calls })).toEqual([call('call_2', 'g')]);
  });

  it('ties the result of a custom tool to its call, whose input stays text (trap 34)', () => {
    expect(
      inputOf(
        { role: 'assistant', tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'patch', input: '*** {"a"' } }] },
        { role: 'tool', tool_call_id: 'c', content: 'Done' },
      ),
    ).toEqual([
      { type: 'custom_tool_call', call_id: 'c', name: 'patch', input: '*** {"a"' },
      { type: 'custom_tool_call_output', call_id: 'c', output: 'Done' },
    ]);
  });

  it('ties a legacy function result to its call by the name of the function (T15)', () => {
    expect(
      inputOf(
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
        { role: 'function', name: 'f', content: 'Sunny.' },
      ),
    ).toEqual([call('f', 'f'), result('f', 'Sunny.')]);
  });

  it('takes the name of a tool message that has no id', () => {
    expect(inputOf({ role: 'tool', name: 'f', content: null })).toEqual([result('f', '')]);
  });

  it('keeps pictures that a tool gave back, without their detail (trap 29)', () => {
    const picture = { type: 'image_url', image_url: { url: 'http://x.test/a.png', detail: 'high' } };
    expect(inputOf({ role: 'tool', tool_call_id: 'c', content: [{ type: 'text', text: 'See' }, picture] })).toEqual([
      result('c', [
        { type: 'input_text', text: 'See' },
        { type: 'input_image', image_url: 'http://x.test/a.png' },
      ]),
    ]);
  });

  it('keeps calls and results among the parts of a message where they stand', () => {
    const parts = [
      { type: 'text', text: 'First' },
      { type: 'tool-call', toolCallId: 'c', toolName: 'read', input: { path: 'a' } },
      { type: 'text', text: 'then' },
    ];
    const results = [
      { type: 'tool-result', toolCallId: 'c', output: { type: 'text', value: 'A' } },
      { type: 'tool-result', toolCallId: 'd', output: { type: 'json', value: { b: 1 } } },
      { type: 'tool-result', toolCallId: 'e', result: [{ type: 'text', text: 'C' }] },
      { type: 'tool-result', toolCallId: 'f' },
      { type: 'text', text: 'Go on.' },
    ];
    expect(inputOf({ role: 'assistant', content: parts }, user(results))).toEqual([
      said('assistant', 'First'),
      call('c', 'read', '{"path":"a"}'),
      said('assistant', 'then'),
      result('c', 'A'),
      result('d', '{"b":1}'),
      result('e', 'C'),
      result('f', ''),
      said('user', 'Go on.'),
    ]);
  });

  it('takes the result parts of a tool message that has no id of its own', () => {
    const part = { type: 'tool-result', toolCallId: 'c', toolName: 'f', output: 'ok' };
    expect(inputOf({ role: 'tool', content: [part] })).toEqual([result('c', 'ok')]);
  });
});
