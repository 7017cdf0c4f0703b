import { inputItems } from './stored-input-items.js';

describe('the input items of a stored response', () => {
  it('are messages in parts, each with an id', () => {
    const parts = [{ type: 'input_text', text: 'Hello' }];
    const entry = { type: 'message', status: 'completed', role: 'user', content: parts };
    const input = [
      { role: 'user', content: 'Hello' },
      { type: 'message', role: 'user', content: parts },
      { id: 'msg_1', role: 'user', content: parts },
      { role: 'assistant', content: 'Hi' },
      { role: 'user' },
    ];
    expect(inputItems(input)).toEqual([
      { id: 'input_0', ...entry },
      { id: 'input_1', ...entry },
      { ...entry, id: 'msg_1' },
      { ...entry, id: 'input_3', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] },
      { ...entry, id: 'input_4', content: [] },
    ]);
  });

  it('have ids of their own, also a call and its output', () => {
    const call = { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' };
    const output = { type: 'function_call_output', call_id: 'call_1', output: 'Sunny.' };
    expect(inputItems([call, output])).toEqual([
      { ...call, id: 'call_1', status: 'completed' },
      { ...output, id: 'input_1', status: 'completed' },
    ]);
  });

  it('are objects', () => {
    expect(inputItems([null, 'x', 1, []])).toEqual([]);
  });
});
