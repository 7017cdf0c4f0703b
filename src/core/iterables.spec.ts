import { collect, from, primed } from './iterables.js';

/** A source that counts what is done to it. */
function counted(items: readonly number[], failure?: Error) {
  const calls = { next: 0, return: 0 };
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const value = items[calls.next];
        calls.next += 1;
        if (value !== undefined) return Promise.resolve({ done: false, value });
        return failure === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(failure);
      },
      return: () => {
        calls.return += 1;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  return { calls, source };
}

describe('primed', () => {
  it('gives every item once and in order', async () => {
    expect(await collect(await primed(from([1, 2, 3])))).toEqual([1, 2, 3]);
    expect(await collect(await primed(from([])))).toEqual([]);
  });

  it('pulls exactly one item ahead', async () => {
    const { calls, source } = counted([1, 2]);
    const pulled = await primed(source);
    expect(calls.next).toBe(1);
    expect(await pulled.next()).toEqual({ done: false, value: 1 });
    expect(calls.next).toBe(1);
  });

  it('throws a failure before the first item itself', async () => {
    await expect(primed(counted([], new Error('no head')).source)).rejects.toThrow('no head');
  });

  it('leaves a failure after the first item to the reader', async () => {
    const pulled = await primed(counted([1], new Error('cut')).source);
    expect(await pulled.next()).toEqual({ done: false, value: 1 });
    await expect(pulled.next()).rejects.toThrow('cut');
  });

  it('closes the source when it is given back unread', async () => {
    const { calls, source } = counted([1, 2]);
    await (await primed(source)).return();
    expect(calls).toEqual({ next: 1, return: 1 });
  });

  it('runs the finally of a generator that is given back unread', async () => {
    const closed = jest.fn();
    async function* source() {
      try {
        yield* from([1, 2]);
      } finally {
        closed();
      }
    }
    await (await primed(source())).return();
    expect(closed).toHaveBeenCalledTimes(1);
  });

  it('closes the source when its reader leaves early', async () => {
    const { calls, source } = counted([1, 2, 3]);
    for await (const item of await primed(source)) if (item === 2) break;
    expect(calls.return).toBe(1);
  });
});
