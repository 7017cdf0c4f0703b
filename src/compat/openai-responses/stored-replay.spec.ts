import { lastSeen, replay } from './stored-replay.js';

const item = { type: 'message', content: [] };
const response = { id: 'resp_1', status: 'completed', output: [item, item], usage: { total_tokens: 3 } };
const eventsOf = (stream: string): unknown[] =>
  [...stream.matchAll(/^data: (.*)$/gm)].map(([, data = '']) =>
    data === '[DONE]' ? data : (JSON.parse(data) as unknown),
  );

describe('a stored response as a stream', () => {
  it('begins, brings each item, and ends as the response did', () => {
    const begun = { ...response, status: 'in_progress', output: [], usage: null, incomplete_details: null };
    expect(eventsOf(replay(response))).toEqual([
      { type: 'response.created', sequence_number: 0, response: begun },
      { type: 'response.output_item.done', sequence_number: 1, output_index: 0, item },
      { type: 'response.output_item.done', sequence_number: 2, output_index: 1, item },
      { type: 'response.completed', sequence_number: 3, response },
      '[DONE]',
    ]);
    expect(replay(response)).toMatch(/^event: response\.created\ndata: /);
  });

  it('ends incomplete when the response did', () => {
    expect(eventsOf(replay({ ...response, status: 'incomplete' })).at(-2)).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'incomplete' },
    });
  });

  it('goes on after the event that a client saw last', () => {
    expect(eventsOf(replay(response, 2))).toEqual([
      { type: 'response.completed', sequence_number: 3, response },
      '[DONE]',
    ]);
  });

  it.each([
    ['0', 0],
    ['12', 12],
    ['-1', undefined],
    ['', undefined],
    ['1.5', undefined],
    [['1', '2'], undefined],
    [undefined, undefined],
  ])('takes %j for the event seen last: %j', (asked, after) => {
    expect(lastSeen({ starting_after: asked })).toBe(after);
  });

  it('needs no output', () => {
    expect(eventsOf(replay({ id: 'resp_1' }))).toHaveLength(3);
  });
});
