/**
 * The same stream, each item seen on its way, and its end told once: read to the end, failed, or given back.
 * A hand-written iterator, not a generator: given back before it is read, a generator would not tell.
 */
export function watched<Item>(
  source: AsyncIterable<Item>,
  see: (item: Item) => void,
  ended: () => void,
): AsyncIterable<Item> {
  const iterator = source[Symbol.asyncIterator]();
  const next = async (): Promise<IteratorResult<Item>> => {
    try {
      const step = await iterator.next();
      if (step.done === true) ended();
      else see(step.value);
      return step;
    } catch (thrown) {
      ended();
      throw thrown;
    }
  };
  const close = async (): Promise<IteratorResult<Item>> => {
    ended();
    await iterator.return?.();
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: close }) };
}
