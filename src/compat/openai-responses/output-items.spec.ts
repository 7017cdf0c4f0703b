import {
  completed,
  created,
  delta,
  item,
  lastResponse,
  message,
  publicEvents,
} from '../../../test/support/public-answers.js';

describe('the items of the stream', () => {
  it.each([
    ['its call', { call_id: 'call_7' }, {}, 'call_7'],
    ['the event', {}, { item_id: 'fc_7' }, 'fc_7'],
    ['its type and place', {}, {}, 'function_call_3'],
  ])('have one id in all events, by %s when they come without', async (_, over, named, id) => {
    const call = { type: 'function_call', name: 'f', arguments: '{}', ...over };
    const events = await publicEvents(
      created,
      { ...item('added', call, 3), ...named },
      { type: 'response.function_call_arguments.delta', output_index: 3, delta: '{}' },
      { ...item('done', { ...call, id: 'fc_late' }, 3), ...named },
      completed({ output: [] }),
    );
    expect(events[1]).toMatchObject({ item: { id } });
    expect(events[2]).toMatchObject({ item_id: id });
    expect(events[3]).toMatchObject({ item: { id } });
    expect(lastResponse(events)).toMatchObject({ output: [{ id }] });
  });

  it('keep the id that they have, which a populated last event repeats or not', async () => {
    const { id: _, ...unnamed } = message('Hi');
    const events = await publicEvents(
      created,
      item('added', message('')),
      delta('Hi'),
      item('done', message('Hi')),
      completed({ output: [unnamed] }),
    );
    expect(lastResponse(events)).toMatchObject({ output: [{ id: 'msg_1', content: [{ text: 'Hi' }] }] });
  });

  it('fill the last event where the upstream leaves its output empty (B10, T1)', async () => {
    const reasoning = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'gAAA' };
    const events = await publicEvents(
      created,
      item('done', reasoning),
      delta('Hi'),
      item('done', message('Hi'), 1),
      completed(),
    );
    expect(lastResponse(events)['output']).toEqual([reasoning, message('Hi')]);
  });

  it('are those of the last event where it has any', async () => {
    const events = await publicEvents(
      created,
      delta('x'),
      item('done', message('x')),
      completed({ output: [message('whole')] }),
    );
    expect(lastResponse(events)['output']).toEqual([message('whole')]);
  });

  it('are made of the text alone when there is nothing else', async () => {
    const events = await publicEvents(created, delta('Hel'), delta('lo'), completed());
    expect(lastResponse(events)['output']).toMatchObject([
      { id: 'msg_1', role: 'assistant', content: [{ text: 'Hello' }] },
    ]);
  });

  it('get their namespace back (trap 30)', async () => {
    const call = { id: 'ctc_1', type: 'custom_tool_call', call_id: 'c', name: 'apply', input: 'x' };
    const other = { ...call, id: 'ctc_2', name: 'exec' };
    const events = await publicEvents(
      created,
      item('added', call),
      item('done', call),
      item('done', other, 1),
      completed(),
    );
    expect(events[1]).toMatchObject({ item: { namespace: 'editor' } });
    expect(lastResponse(events)['output']).toEqual([{ ...call, namespace: 'editor' }, other]);
  });
});
