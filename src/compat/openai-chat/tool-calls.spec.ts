import {
  created,
  text,
  completed,
  called,
  args,
  calledWhole,
  patch,
  told,
  choiceOf,
} from '../../../test/support/chat-answers.js';

describe('the calls of a chat answer', () => {
  const calls = [created, called(1), args(1, '{"x"'), args(1, ':1}'), calledWhole(1), calledWhole(3), completed()];

  it('counts calls from 0, tells who they are first, and finishes with tool_calls (T7)', async () => {
    const first = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '' } };
    const second = { index: 1, id: 'call_3', type: 'function', function: { name: 'f', arguments: '' } };
    expect(await told(calls)).toEqual([
      [{ role: 'assistant' }, null],
      [{ tool_calls: [first] }, null],
      [{ tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] }, null],
      [{ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }, null],
      [{ tool_calls: [second] }, null],
      [{ tool_calls: [{ index: 1, function: { arguments: '{"x":1}' } }] }, null],
      [{}, 'tool_calls'],
    ]);
  });

  it('has null content beside nothing but calls, and its preamble where there is one (T23)', async () => {
    const toolCalls = [
      { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"x":1}' }, index: 0 },
      { id: 'call_3', type: 'function', function: { name: 'f', arguments: '{"x":1}' }, index: 1 },
    ];
    expect(await choiceOf(calls)).toEqual([{ content: null, tool_calls: toolCalls }, 'tool_calls']);
    expect(await choiceOf([created, text('Wait.'), calledWhole(1), completed()])).toMatchObject([
      { content: 'Wait.' },
      {},
    ]);
    expect(await choiceOf([created, completed()])).toEqual([{ content: '' }, 'stop']);
  });

  it('names a call without an id by its item, its event or its place (trap 34)', async () => {
    const [, byItem] = await told([created, called(0, { call_id: undefined }), completed()]);
    expect(byItem).toMatchObject([{ tool_calls: [{ id: 'fc_0' }] }, null]);
    const [, byPlace] = await told([created, called(2, { call_id: undefined, id: undefined }), completed()]);
    expect(byPlace).toMatchObject([{ tool_calls: [{ id: 'call_2' }] }, null]);
  });

  it('tells the input of a custom tool as the text that it is (trap 34, T26)', async () => {
    const done = { type: 'response.output_item.done', output_index: 0, item: patch('*** {"a"') };
    expect(await choiceOf([created, done, completed()])).toEqual([
      {
        content: null,
        tool_calls: [{ id: 'call_c', type: 'custom', custom: { name: 'patch', input: '*** {"a"' }, index: 0 }],
      },
      'tool_calls',
    ]);
    expect((await told([created, done, completed()])).slice(1)).toEqual([
      [{ tool_calls: [{ index: 0, id: 'call_c', type: 'custom', custom: { name: 'patch', input: '' } }] }, null],
      [{ tool_calls: [{ index: 0, custom: { input: '*** {"a"' } }] }, null],
      [{}, 'tool_calls'],
    ]);
  });

  it('tells the arguments of a function as they came, JSON or not (T26)', async () => {
    const [said] = await choiceOf([created, calledWhole(0, { arguments: 'no json' }), completed()]);
    expect(said).toMatchObject({ tool_calls: [{ function: { arguments: 'no json' } }] });
  });

  it('speaks of functions with a client that knows no tools, and of one call alone', async () => {
    const over = { legacyFunctions: true };
    const functionCall = { name: 'f', arguments: '{"x":1}' };
    expect(await choiceOf(calls, over)).toEqual([{ content: null, function_call: functionCall }, 'function_call']);
    expect((await told(calls, over)).slice(1)).toEqual([
      [{ function_call: { name: 'f', arguments: '' } }, null],
      [{ function_call: { arguments: '{"x"' } }, null],
      [{ function_call: { arguments: ':1}' } }, null],
      [{}, 'function_call'],
    ]);
  });
});
