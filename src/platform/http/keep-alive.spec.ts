import { from } from '../../core/index.js';
import { withKeepAlive } from './keep-alive.js';

const SILENCE_MS = 15_000;

/** A source whose items come when the test says so. */
class Source implements AsyncIterableIterator<string> {
  returned = 0;
  pulls = 0;
  private settle: { give(step: IteratorResult<string>): void; fail(error: Error): void } | undefined;

  [Symbol.asyncIterator]() {
    return this;
  }

  next(): Promise<IteratorResult<string>> {
    this.pulls += 1;
    return new Promise((give, fail) => (this.settle = { give, fail }));
  }

  async return(): Promise<IteratorResult<string>> {
    this.returned += 1;
    return { done: true, value: undefined };
  }

  give = (value: string) => this.settle?.give({ done: false, value });
  end = () => this.settle?.give({ done: true, value: undefined });
  fail = (error: Error) => this.settle?.fail(error);
}

function started() {
  const source = new Source();
  const kept = withKeepAlive(source, 'PING', SILENCE_MS)[Symbol.asyncIterator]();
  return { source, kept, stop: () => kept.return?.() };
}

describe('withKeepAlive', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('passes on the items of a source that is never silent, and its end', async () => {
    const seen: string[] = [];
    for await (const item of withKeepAlive(from(['a', 'b']), 'PING', SILENCE_MS)) seen.push(item);
    expect(seen).toEqual(['a', 'b']);
  });

  it('says a frame after each silence, and then the item that was waited for all the while', async () => {
    const { source, kept } = started();
    for (let silences = 0; silences < 3; silences += 1) {
      const next = kept.next();
      await jest.advanceTimersByTimeAsync(SILENCE_MS);
      expect(await next).toEqual({ done: false, value: 'PING' });
    }
    const next = kept.next();
    await jest.advanceTimersByTimeAsync(SILENCE_MS - 1);
    source.give('late');
    expect([await next, source.pulls]).toEqual([{ done: false, value: 'late' }, 1]);
  });

  it('counts the silence from the last item', async () => {
    const { source, kept, stop } = started();
    const first = kept.next();
    await jest.advanceTimersByTimeAsync(SILENCE_MS - 1);
    source.give('a');
    await first;
    const second = kept.next();
    await jest.advanceTimersByTimeAsync(SILENCE_MS - 1);
    source.give('b');
    expect(await second).toEqual({ done: false, value: 'b' });
    await stop();
  });

  it('keeps an item that comes while nobody reads', async () => {
    const { source, kept } = started();
    const frame = kept.next();
    await jest.advanceTimersByTimeAsync(SILENCE_MS);
    await frame;
    source.give('kept');
    await jest.advanceTimersByTimeAsync(SILENCE_MS);
    expect(await kept.next()).toEqual({ done: false, value: 'kept' });
  });

  it('throws a failure that comes while nobody reads at the next read, and not into the process', async () => {
    const { source, kept } = started();
    const frame = kept.next();
    await jest.advanceTimersByTimeAsync(SILENCE_MS);
    await frame;
    source.fail(new Error('broken'));
    await jest.advanceTimersByTimeAsync(1);
    await expect(kept.next()).rejects.toThrow('broken');
  });

  it('gives the source back while a read is waiting for it, and ends that read', async () => {
    const { source, kept, stop } = started();
    const waiting = kept.next();
    await stop();
    expect([source.returned, await waiting, await kept.next()]).toEqual([
      1,
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  it('does not let a failure after the end into the process', async () => {
    const { source, kept, stop } = started();
    void kept.next();
    await stop();
    source.fail(new Error('aborted'));
    await jest.advanceTimersByTimeAsync(1);
    expect(await kept.next()).toEqual({ done: true, value: undefined });
  });
});
