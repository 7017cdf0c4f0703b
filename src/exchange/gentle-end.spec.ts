import { gentleEnd } from './gentle-end.js';

/** A source that says nothing more and does not end. */
const SILENCE = Symbol('silence');

function source(...items: (string | typeof SILENCE)[]) {
  const seen = { read: 0, returned: false };
  const iterator = {
    [Symbol.asyncIterator]: () => iterator,
    next: (): Promise<IteratorResult<string>> => {
      const value = items[seen.read++];
      if (value === SILENCE) return new Promise(() => undefined);
      return Promise.resolve(value === undefined ? { done: true, value: undefined } : { done: false, value });
    },
    return: (): Promise<IteratorResult<string>> => {
      seen.returned = true;
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  return { iterator, seen };
}

async function readOne(items: AsyncIterable<string>): Promise<string | undefined> {
  for await (const item of items) return item;
  return undefined;
}

describe('gentleEnd', () => {
  it('reads past the terminal event so that the source ends by itself', async () => {
    const { iterator, seen } = source('terminal');
    await readOne(gentleEnd(iterator, () => true, 1_000));
    expect(seen.read).toBe(2);
  });

  it('closes a source that does not end in time', async () => {
    const { iterator, seen } = source('terminal', SILENCE);
    await readOne(gentleEnd(iterator, () => true, 5));
    expect(seen.returned).toBe(true);
  });

  it('closes the source at once when its reader stops before the terminal event', async () => {
    const { iterator, seen } = source('delta', SILENCE);
    await readOne(gentleEnd(iterator, () => false, 60_000));
    expect(seen).toEqual({ read: 1, returned: true });
  });
});
