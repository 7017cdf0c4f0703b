import { refusalOf } from '../../../../test/support/refusal.js';
import { requireStrictSchema } from './strict-schema.js';

const closed = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const tree = { child: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } };

describe('a strict schema', () => {
  const check = (schema: unknown) => refusalOf(() => requireStrictSchema(schema, 's', 'invalid_json_schema'));

  it.each([
    ['a flat object', closed({ a: { type: 'string' }, b: { type: ['integer', 'null'] } })],
    ['an empty object', { type: 'object', additionalProperties: false }],
    ['lists of objects', closed({ a: { type: 'array', items: closed({ b: { type: 'boolean' } }) } })],
    ['recursion through definitions', closed(tree, { $defs: { node: closed(tree) } })],
    [
      'the older name of definitions',
      closed({ a: { $ref: '#/definitions/a' } }, { definitions: { a: { type: 'null' } } }),
    ],
    [
      'a definition with an awkward name',
      closed({ a: { $ref: '#/$defs/a~1b%20c' } }, { $defs: { 'a/b c': { type: 'null' } } }),
    ],
    ['words without a type', closed({ a: { enum: ['x', 'y'] }, b: { const: 'z' } })],
    ['a property called like a keyword', closed({ $ref: { type: 'string' }, anyOf: { type: 'string' } })],
  ])('may be %s', (_, schema) => {
    expect(check(schema)).toBeUndefined();
  });

  it.each([
    ['no object', 'text', 's'],
    ['of another type at its root', { type: 'string' }, 's.type'],
    ['without a type at its root', { properties: {} }, 's.type'],
    ['a choice at its root', closed({}, { anyOf: [{ type: 'object' }] }), 's.anyOf'],
    ['a reference at its root', { $ref: '#/$defs/a', $defs: {} }, 's.$ref'],
    ['open', { type: 'object', properties: {} }, 's.additionalProperties'],
    ['with a property that may be missing', { ...closed({ a: { type: 'null' } }), required: [] }, 's.required'],
    ['requiring what it does not have', { ...closed({ a: { type: 'null' } }), required: ['a', 'b'] }, 's.required'],
    [
      'requiring twice',
      { ...closed({ a: { type: 'null' }, b: { type: 'null' } }), required: ['a', 'a'] },
      's.required',
    ],
    [
      'open deeper down',
      closed({ a: { type: 'array', items: { type: 'object' } } }),
      's.properties.a.items.additionalProperties',
    ],
    ['without a type deeper down', closed({ a: { description: 'anything' } }), 's.properties.a.type'],
    ['of an unknown type', closed({ a: { type: 'date' } }), 's.properties.a.type'],
    ['of a type twice', closed({ a: { type: ['null', 'null'] } }), 's.properties.a.type'],
    ['of no type', closed({ a: { type: [] } }), 's.properties.a.type'],
    ['a boolean in it', closed({ a: true }), 's.properties.a'],
    ['a choice of nothing', closed({ a: { anyOf: [] } }), 's.properties.a.anyOf'],
    [
      'a wrong choice',
      closed({ a: { anyOf: [{ type: 'null' }, { type: 'object' }] } }),
      's.properties.a.anyOf.1.additionalProperties',
    ],
    [
      'a reference that does not stand alone',
      closed({ a: { $ref: '#/$defs/a', title: 'A' } }, { $defs: { a: { type: 'null' } } }),
      's.properties.a',
    ],
    ['a reference to elsewhere', closed({ a: { $ref: 'https://example.test/schema' } }), 's.properties.a.$ref'],
    [
      'a reference to a property',
      closed({ a: { type: 'null' }, b: { $ref: '#/properties/a' } }),
      's.properties.b.$ref',
    ],
    [
      'a reference to nothing',
      closed({ a: { $ref: '#/$defs/b' } }, { $defs: { a: { type: 'null' } } }),
      's.properties.a.$ref',
    ],
    [
      'a reference to what every object has',
      closed({ a: { $ref: '#/$defs/constructor' } }, { $defs: {} }),
      's.properties.a.$ref',
    ],
    [
      'a reference to itself alone',
      closed({}, { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }),
      's.$defs.a.$ref',
    ],
    ['a wrong definition', closed({}, { $defs: { a: { type: 'object' } } }), 's.$defs.a.additionalProperties'],
  ])('must not be %s: the error names the place (trap 22)', (_, schema, param) => {
    expect(check(schema)).toMatchObject({ code: 'invalid_json_schema', param });
  });
});
