import { requireDistinctCalls } from './distinct-calls.js';

const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: '1' });
const said = { type: 'message', role: 'user', content: [] };

describe('the ids of calls', () => {
  it.each([
    ['differ', [call('a'), call('b'), output('a'), output('b')]],
    ['come again in another turn', [said, call('a'), output('a'), said, call('a'), output('a')]],
    ['come again although nothing was given back', [call('a'), said, call('a')]],
  ])('may be those of a conversation when they %s', (_, input) => {
    expect(() => requireDistinctCalls(input)).not.toThrow();
  });

  it.each([
    ['', [call('a'), call('a')]],
    [', also with reasoning between them', [call('a'), { type: 'reasoning' }, call('a')]],
    [', whatever is called', [call('a'), { ...call('a'), type: 'custom_tool_call' }]],
  ])('must differ within a turn%s (N9)', (_, input) => {
    expect(() => requireDistinctCalls(input)).toThrow(
      expect.objectContaining({ code: 'invalid_request', detail: { param: 'messages' } }) as Error,
    );
  });
});
