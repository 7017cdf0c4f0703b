import { loweredParameters } from './lowered-schema.js';

describe('the parameters of a function that is not strict', () => {
  const plain = {
    type: 'object',
    description: 'Where',
    properties: { city: { type: 'string', description: 'Name' }, days: { type: 'array', items: { type: 'integer' } } },
    required: ['city'],
    additionalProperties: false,
  };

  it('stay as they are when they use what the backend takes', () => {
    expect(loweredParameters(plain)).toEqual(plain);
  });

  it.each([
    ['no schema at all', undefined, { type: 'object', properties: {} }],
    ['a boolean schema', true, { type: 'object', properties: {} }],
    ['a schema without a type', { required: ['a'] }, { type: 'object', properties: {}, required: ['a'] }],
    ['a list without a type', { items: { type: 'string' } }, { type: 'array', items: { type: 'string' } }],
    ['a list of unknown things', { type: 'array' }, { type: 'array', items: {} }],
    ['a type among several', { type: ['object', 'null'] }, { type: ['object', 'null'], properties: {} }],
    ['a tuple', { items: [true, { type: 'null' }] }, { type: 'array', items: { anyOf: [{}, { type: 'null' }] } }],
    ['a reference', { $ref: '#/$defs/a', title: 'kept' }, { $ref: '#/$defs/a', title: 'kept' }],
    [
      'choices',
      { anyOf: [{ const: 1 }, { type: 'string', minLength: 2 }], title: 'T' },
      { type: 'object', properties: {}, anyOf: [{ enum: [1] }, { type: 'string' }] },
    ],
    [
      'schemas of other properties',
      { type: 'object', additionalProperties: { format: 'date', type: 'string' } },
      { type: 'object', properties: {}, additionalProperties: { type: 'string' } },
    ],
    [
      'keywords that are none',
      { type: 'object', properties: 5, required: 'a', anyOf: {}, enum: null },
      { type: 'object', properties: {} },
    ],
  ])('are put in the words of the backend: %s', (_, given, expected) => {
    expect(loweredParameters(given)).toEqual(expected);
  });

  it('keep properties that are called like keywords (trap 23)', () => {
    const properties = { encrypted: { type: 'string' }, const: { type: 'string' }, strict: { type: 'boolean' } };
    const given = { type: 'object', properties: { ...properties, $schema: { type: 'string', encrypted: true } } };
    expect(loweredParameters(given)).toEqual({
      type: 'object',
      properties: { ...properties, $schema: { type: 'string' } },
    });
  });

  it('keep definitions, however deep they are used', () => {
    const given = {
      type: 'object',
      $defs: { a: { const: 'x', default: 'x' } },
      properties: { a: { $ref: '#/$defs/a' } },
    };
    expect(loweredParameters(given)).toEqual({ ...given, $defs: { a: { enum: ['x'] } } });
  });

  it('are refused beyond all measure', () => {
    const properties = Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`p${index}`, {}]));
    expect(() => loweredParameters({ properties })).toThrow('at most 10000 properties');
  });
});
