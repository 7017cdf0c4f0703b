import type { Parting } from './health/answer-judge.js';

/**
 * The same stream, each item seen on its way, and its end told once: read to the end, broken, or given back.
 * A hand-written iterator, not a generator: given back before it is read, a generator would not tell.
 */
export function watched<Item>(
  source: AsyncIterable<Item>,
  see: (item: Item) => void,
  ended: (parting: Parting) => void,
): AsyncIterable<Item> {
  const iterator = source[Symbol.asyncIterator]();
  let parted = false;
  const part = (parting: Parting): void => {
    if (!parted) ended(parting);
    parted = true;
  };
  const next = async (): Promise<IteratorResult<Item>> => {
    try {
      const step = await iterator.next();
      if (step.done === true) part({ how: 'read' });
      else see(step.value);
      return step;
    } catch (thrown) {
      part({ how: 'broken', thrown });
      throw thrown;
    }
  };
  const close = async (): Promise<IteratorResult<Item>> => {
    part({ how: 'given_back' });
    await iterator.return?.();
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: close }) };
}
