import { repairedSchema } from './repaired-schema.js';

const closed = { properties: { a: { type: 'null' } }, required: ['a'], additionalProperties: false };

describe('a strict schema that leaves out a type', () => {
  it.each([
    ['a closed object', { properties: { o: closed } }, { properties: { o: { type: 'object', ...closed } } }],
    [
      'a list of objects',
      { properties: { l: { items: closed } } },
      { properties: { l: { type: 'array', items: { type: 'object', ...closed } } } },
    ],
    [
      'one choice of several',
      { anyOf: [closed, { type: 'null' }] },
      { anyOf: [{ type: 'object', ...closed }, { type: 'null' }] },
    ],
    ['a definition', { $defs: { o: closed } }, { $defs: { o: { type: 'object', ...closed } } }],
  ])('gets the one that is evident: %s', (_, given, expected) => {
    expect(repairedSchema(given)).toEqual(expected);
  });

  it.each([
    ['the root', closed],
    ['an open object', { properties: { o: { properties: {}, required: [] } } }],
    ['an object that does not require all', { properties: { o: { ...closed, required: [] } } }],
    ['a list or an object', { properties: { o: { ...closed, items: {} } } }],
    ['a reference', { properties: { o: { $ref: '#/$defs/a', items: {} } } }],
    ['what has a type', { properties: { o: { type: 'string' } } }],
  ])('is left as it is, the very same object, where it could be another: %s', (_, given) => {
    expect(repairedSchema(given)).toBe(given);
  });
});
