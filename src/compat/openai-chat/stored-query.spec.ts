import { completionQuery } from './stored-query.js';
import { newMetadata, storedMessages } from './stored-messages.js';

const metadataOf = (query: Record<string, unknown>) => Object.fromEntries(completionQuery(query).metadata);

function refusalOf(query: Record<string, unknown>): unknown {
  try {
    return completionQuery(query);
  } catch (error) {
    return error;
  }
}

describe('the query of a list of completions', () => {
  it.each([
    [{ 'metadata[team]': 'red' }, { team: 'red' }],
    [
      { 'metadata[team]': 'red', 'metadata[step]': '1' },
      { team: 'red', step: '1' },
    ],
    [{ 'metadata[team]': ['red', 'blue'] }, { team: 'blue' }],
    [
      { 'metadata[a[b]]': 'c', 'metadata[]': 'd' },
      { 'a[b]': 'c', '': 'd' },
    ],
    [
      { metadata: '{"team":"red","step":1,"done":true,"none":null}' },
      { team: 'red', step: '1', done: 'true', none: 'null' },
    ],
    [
      { metadata: "{'team': 'red', 'step': 1, 'done': True, 'none': None}" },
      { team: 'red', step: '1', done: 'true', none: 'null' },
    ],
    [{ metadata: String.raw`{'it\'s': "a \"b\"\n", 'x': -1.5}` }, { "it's": 'a "b"\n', x: '-1.5' }],
    [{ metadata: ['{"a":"1"}', "{'b': '2'}"] }, { a: '1', b: '2' }],
    [{ metadata: '{}' }, {}],
    [{ metadatax: 'no', 'xmetadata[a]': 'no', 'metadata[a]b': 'no' }, {}],
  ])('asks with %j for %j (T21)', (query, expected) => {
    expect(metadataOf(query)).toEqual(expected);
  });

  it.each(['nope', '[]', '1', '', "{'a'", "{'a': 'b'} x", "{'a': b}", '{'.repeat(9_000)])(
    'refuses metadata that is no object: %j',
    (metadata) => {
      expect(refusalOf({ metadata })).toMatchObject({ code: 'invalid_request', detail: { param: 'metadata' } });
    },
  );

  it('names a model, or none', () => {
    expect(completionQuery({ model: 'gpt-5.4', limit: '1' })).toMatchObject({ model: 'gpt-5.4', limit: 1 });
    expect(completionQuery({ model: '' })).not.toHaveProperty('model');
  });
});

describe('a stored completion', () => {
  it('says one message for each choice', () => {
    const choices = [
      { index: 0, message: { role: 'assistant', content: 'one' } },
      { index: 1, message: { role: 'assistant', content: 'two' } },
      { message: { role: 'assistant', content: 'three' } },
    ];
    expect(storedMessages({ id: 'chatcmpl_1', choices })).toEqual([
      { id: 'chatcmpl_1_msg_0', role: 'assistant', content: 'one' },
      { id: 'chatcmpl_1_msg_1', role: 'assistant', content: 'two' },
      { id: 'chatcmpl_1_msg_2', role: 'assistant', content: 'three' },
    ]);
  });

  it.each([
    [{ metadata: { a: 'b' } }, { a: 'b' }],
    [{ metadata: null }, {}],
    [{}, {}],
    [{ metadata: 'nope' }, undefined],
    [{ metadata: ['a'] }, undefined],
  ])('is noted, by %j, with %j', (body, metadata) => {
    expect(newMetadata(body)).toEqual(metadata);
  });
});
