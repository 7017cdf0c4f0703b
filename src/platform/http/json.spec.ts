import { GatewayError } from '../../core/index.js';
import { isJsonMedia, parseJsonObject, requireJson } from './json.js';

const codeOf = (act: () => unknown) => {
  try {
    act();
    return 'ok';
  } catch (error) {
    return GatewayError.from(error).code;
  }
};

describe('parseJsonObject', () => {
  it('takes an object, the last of two equal keys, and no body at all', () => {
    expect(parseJsonObject(Buffer.from(' {"a":1,"a":"ü"}\n'))).toEqual({ a: 'ü' });
    expect([parseJsonObject(Buffer.alloc(0)), parseJsonObject(undefined)]).toEqual([{}, {}]);
  });

  it.each(['{', '[]', '[{}]', 'null', '"text"', '1', 'true', ' ', '{"a":1}}', "{'a':1}", '\ufeff{}'])(
    'refuses %j',
    (text) => {
      expect(codeOf(() => parseJsonObject(Buffer.from(text)))).toBe('invalid_request');
    },
  );

  it('refuses bytes that are not UTF-8', () => {
    const latin1 = Buffer.from('{"a":"\xfc"}', 'latin1');
    expect(codeOf(() => parseJsonObject(latin1))).toBe('invalid_request');
  });

  it('refuses a million open brackets without harm', () => {
    expect(codeOf(() => parseJsonObject(Buffer.alloc(1_000_000, '[')))).toBe('invalid_request');
  });

  it('quotes nothing of the body in its error', () => {
    expect(() => parseJsonObject(Buffer.from('{"secret": hunter2}'))).not.toThrow(/hunter2/);
  });
});

describe('a JSON media type', () => {
  it.each([
    ['application/json', true],
    ['Application/JSON; charset=utf-8', true],
    ['application/json;charset=utf-8', true],
    ['application/problem+json', true],
    ['application/jsonl', false],
    ['text/json', false],
    ['text/plain, application/json', false],
    ['json', false],
    ['', false],
    [undefined, false],
  ])('%j: %s', (type, expected) => {
    expect([isJsonMedia(type), codeOf(() => requireJson(type))]).toEqual([
      expected,
      expected ? 'ok' : 'invalid_request',
    ]);
  });
});
