import { z } from 'zod';
import type { ControlError } from './control-error.js';
import { parsedInput } from './input.js';

const schema = z.object({
  slug: z.string().max(3),
  many: z.array(z.object({ count: z.int() })).optional(),
  limit: z.int().default(50),
});

function problemsOf(given: unknown): ControlError['problems'] {
  try {
    parsedInput(schema, given);
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_input' });
    return (error as ControlError).problems;
  }
  throw new Error('It was taken.');
}

describe('the input of an operation', () => {
  it('is taken with what it leaves out', () => {
    expect(parsedInput(schema, { slug: 'a' })).toEqual({ slug: 'a', limit: 50 });
  });

  it('is refused with every field that is wrong, wherever it is', () => {
    expect(problemsOf({ slug: 'long', many: [{ count: 1 }, { count: 'x' }], limit: 0.5 })).toEqual([
      { path: 'slug', message: expect.any(String) },
      { path: 'many.1.count', message: expect.any(String) },
      { path: 'limit', message: expect.any(String) },
    ]);
  });

  it('is refused with every field that there is not', () => {
    expect(problemsOf({ slug: 'a', colour: 1, ['__proto__']: 2, size: 3 })).toEqual(
      expect.arrayContaining([
        { path: 'colour', message: 'There is no such field.' },
        { path: 'size', message: 'There is no such field.' },
      ]),
    );
  });

  it.each([undefined, null, 'text', 7, []])('is an object, and not %j', (given) => {
    expect(problemsOf(given)).toHaveLength(1);
  });

  it.each(['a\0', '\ud800'])('has no text that cannot be kept, as %j, wherever it is', (text) => {
    const open = z.object({ slug: z.string(), many: z.array(z.record(z.string(), z.string())) });
    expect(() => parsedInput(open, { slug: text, many: [{ [text]: text }] })).toThrow(
      /^slug: .*; many\.0: .*; many\.0\./s,
    );
  });

  it('is not repeated in what is said of it', () => {
    expect(JSON.stringify(problemsOf({ slug: 'a-secret' }))).not.toContain('a-secret');
  });
});
