import { requireShallow } from './nesting.js';

const nested = (depth: number): object => {
  let body: object = {};
  for (let level = 0; level < depth; level += 1) body = level % 2 === 0 ? [body] : { body };
  return body;
};

describe('a body to be translated', () => {
  it('may be nested as deep as people nest', () => {
    expect(() => requireShallow(nested(128))).not.toThrow();
    expect(() => requireShallow({ a: Array.from({ length: 100_000 }, () => ({ b: [1, 'x', null] })) })).not.toThrow();
  });

  it.each([129, 5_000, 200_000])('may not be nested %d levels deep', (depth) => {
    expect(() => requireShallow(nested(depth))).toThrow('nested too deeply');
  });
});
