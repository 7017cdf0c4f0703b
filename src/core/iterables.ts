/** An async iterator that also says whether it was started, and can be given back at any time. */
export interface Pulled<T> extends AsyncIterable<T> {
  next(): Promise<IteratorResult<T>>;
  return(): Promise<IteratorResult<T>>;
}

/**
 * The same stream with its first item already pulled, so that a failure before it is an exception here and now.
 * A hand-written iterator, not a generator: `return()` on a generator that nobody has started skips its `finally`,
 * and whoever gives this stream back unread would leave the source open.
 */
export async function primed<T>(source: AsyncIterable<T>): Promise<Pulled<T>> {
  const iterator = source[Symbol.asyncIterator]();
  let head: IteratorResult<T> | undefined = await iterator.next();
  const pulled: Pulled<T> & { [Symbol.asyncIterator](): AsyncIterator<T> } = {
    [Symbol.asyncIterator]: () => pulled,
    next: async () => {
      const step = head;
      head = undefined;
      return step ?? iterator.next();
    },
    return: async () => {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
  return pulled;
}

export async function* from<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
