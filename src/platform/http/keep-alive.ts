/**
 * The same items, and `frame` between two of them after each `silenceMs` without one. Items stay whole: a frame never
 * comes between the parts of one. It is for one reader that waits for each `next` before it asks for another.
 */
export function withKeepAlive<T>(
  source: AsyncIterable<T>,
  frame: string,
  silenceMs: number,
): AsyncIterable<T | string> {
  return { [Symbol.asyncIterator]: () => new KeptAlive(source[Symbol.asyncIterator](), frame, silenceMs) };
}

/** Written by hand, not as a generator: `return()` on a generator that waits for its source is queued behind that wait. */
class KeptAlive<T> implements AsyncIterator<T | string> {
  /** One pull at a time: it outlives the `next` that a frame has answered, and its outcome is kept for the next one. */
  private pulling = false;
  private outcome: (() => IteratorResult<T>) | undefined;
  private finished = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly source: AsyncIterator<T>,
    private readonly frame: string,
    private readonly silenceMs: number,
  ) {}

  async next(): Promise<IteratorResult<T | string>> {
    if (!this.pulling && !this.finished) this.pull();
    if (!this.outcome && !this.finished) await this.outcomeOrSilence();
    if (this.finished) return { done: true, value: undefined };
    const { outcome } = this;
    if (!outcome) return { done: false, value: this.frame };
    this.outcome = undefined;
    this.pulling = false;
    return outcome();
  }

  async return(): Promise<IteratorResult<T | string>> {
    this.finished = true;
    this.wake();
    await this.source.return?.();
    return { done: true, value: undefined };
  }

  private pull(): void {
    this.pulling = true;
    this.source.next().then(
      (step) => this.arrive(() => step),
      (error: unknown) =>
        this.arrive(() => {
          throw error;
        }),
    );
  }

  private arrive(outcome: () => IteratorResult<T>): void {
    this.outcome = outcome;
    this.wake();
  }

  private outcomeOrSilence(): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, this.silenceMs);
      this.wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}
