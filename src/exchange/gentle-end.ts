/** How long an upstream may take to close a stream that has said its last word. */
export const CLOSING_MS = 250;

/**
 * The same stream; when its reader stops after the terminal event, the source gets a moment to end by itself, so that
 * its connection can be used again. A reader that stops earlier closes it at once.
 */
export async function* gentleEnd<T>(
  source: AsyncIterable<T>,
  ended: () => boolean,
  closingMs: number,
): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await iterator.next();
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    if (ended()) await endWithin(iterator, closingMs);
    await iterator.return?.();
  }
}

/** Reads on once: until the end, an error, or the time is up, whichever comes first. What is read is thrown away. */
function endWithin(iterator: AsyncIterator<unknown>, closingMs: number): Promise<void> {
  return new Promise((done) => {
    const late = setTimeout(done, closingMs);
    const over = (): void => {
      clearTimeout(late);
      done();
    };
    iterator.next().then(over, over);
  });
}
