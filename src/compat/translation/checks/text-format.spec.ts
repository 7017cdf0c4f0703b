import { refusalOf } from '../../../../test/support/refusal.js';
import { checkedText } from './text-format.js';

describe('the form of the text', () => {
  const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };

  it.each([
    { verbosity: 'high' },
    { format: { type: 'text' } },
    { verbosity: 'low', format: { type: 'json_object' } },
    { format: { type: 'json_schema', name: 'answer', schema, strict: true } },
    { format: { type: 'json_schema', name: 'answer', schema: { type: 'array', minItems: 1 }, description: 'Any' } },
  ])('may be %j', (text) => {
    expect(checkedText(text)).toEqual(text);
  });

  it('is nothing where everything in it is null', () => {
    expect([checkedText(null), checkedText({ format: null, verbosity: null })]).toEqual([undefined, {}]);
  });

  it.each([
    ['json', 'text'],
    [{ verbosity: 'loud' }, 'text.verbosity'],
    [{ style: 'x' }, 'text.style'],
    [{ format: 'json_object' }, 'text.format.type'],
    [{ format: { type: 'xml' } }, 'text.format.type'],
    [{ format: { type: 'json_schema', schema } }, 'text.format.name'],
    [{ format: { type: 'json_schema', name: 'a' } }, 'text.format.schema'],
    [{ format: { type: 'json_schema', name: 'a', schema, strict: 'yes' } }, 'text.format.strict'],
    [{ format: { type: 'json_schema', name: 'a', schema, json_schema: {} } }, 'text.format.json_schema'],
  ])('is refused as %j', (given, param) => {
    expect(refusalOf(() => checkedText(given))).toMatchObject({ code: 'invalid_request', param });
  });

  it('is refused at the very place where a strict schema is wrong (trap 22)', () => {
    const text = {
      format: { type: 'json_schema', name: 'a', strict: true, schema: { ...schema, properties: { b: {} } } },
    };
    expect(refusalOf(() => checkedText(text))).toMatchObject({
      code: 'invalid_json_schema',
      param: 'text.format.schema.required',
    });
  });
});
