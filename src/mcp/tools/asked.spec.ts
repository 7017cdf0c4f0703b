import { z } from 'zod';
import type { ToolCall } from '../tool.js';
import { everything, isLike, part, present } from './asked.js';

/** A list of so many numbers, as an operation tells it. */
function counting(most: number) {
  const asked: object[] = [];
  const ask: ToolCall['ask'] = (_, input = {}) => {
    asked.push(input);
    const { limit, after = '0' } = z.object({ limit: z.int(), after: z.string().optional() }).parse(input);
    const from = Number(after);
    const items = Array.from({ length: Math.min(limit, most - from) }, (_each, at) => from + at);
    const next = from + items.length;
    return Promise.resolve({ items, ...(next < most ? { next: String(next) } : {}) });
  };
  return { asked, call: { ask } as ToolCall };
}

describe('what tools ask of lists', () => {
  it('is all that there is, however long', async () => {
    const { call, asked } = counting(6_001);
    expect(await everything(call, 'numbers.list', z.int(), { pool: 'a' })).toHaveLength(6_001);
    expect(asked[1]).toEqual({ pool: 'a', limit: 200, after: '200' });
  });

  it('is a part, with how many there are where that was seen', async () => {
    const items = [3, 4];
    expect(await part(counting(5).call, 'numbers.list', z.int(), { offset: 3, limit: 2 })).toEqual({
      ...{ items, total: 5, nextOffset: null },
    });
    expect(await part(counting(900).call, 'numbers.list', z.int(), { offset: 3, limit: 2 })).toEqual({
      ...{ items, total: null, nextOffset: 5 },
    });
  });
});

it('a thing is like a text that stands in one of its names', () => {
  expect(isLike('ONE', [null, 'someone'])).toBe(true);
  expect(isLike('two', [null, 'someone'])).toBe(false);
  expect(isLike(undefined, [])).toBe(true);
});

it('only what was given is asked', () => {
  expect(present({ a: 1, b: undefined, c: null })).toEqual({ a: 1, c: null });
});
