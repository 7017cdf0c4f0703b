import { monitorEventLoopDelay } from 'node:perf_hooks';
import { eventually } from '../../../test/support/eventually.js';
import { TokenCounter } from './token-counter.service.js';
import { TokenWorker } from './token-worker.js';

describe('TokenCounter', () => {
  const counter = new TokenCounter();
  afterAll(() => counter.onModuleDestroy());

  it("counts as the backend's models do", async () => {
    expect(await counter.count(['Hello, world!'])).toBe(4);
    expect(await counter.count(['Hello, ', 'world!'])).toBe(5);
    expect(await counter.count([])).toBe(0);
    expect(await counter.count([''])).toBe(0);
  });

  it('takes what looks like a special token for the text that it is', async () => {
    expect(await counter.count(['<|endoftext|>'])).toBeGreaterThan(1);
  });

  it('counts a long text nearly as if it had not been cut', async () => {
    const sentence = ' The quick brown fox jumps over the lazy dog.';
    const one = await counter.count([sentence]);
    const many = await counter.count([sentence.repeat(1_000)]);
    expect(many / (one * 1_000)).toBeCloseTo(1, 1);
  });

  it('never holds up the event loop, also not over a text without a single space', async () => {
    const longestMs: number[] = [];
    // The best of three: other processes take the machine away as well.
    for (let round = 0; round < 3; round += 1) {
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      await counter.count(['a'.repeat(300_000), '\u0000'.repeat(100_000)]);
      delay.disable();
      longestMs.push(delay.max / 1e6);
    }
    expect(Math.min(...longestMs)).toBeLessThan(50);
  });

  it('estimates what is longer than any model can read by its beginning', async () => {
    const word = ' word'.repeat(200_000);
    const tokens = await counter.count(Array.from({ length: 20 }, () => word));
    expect(tokens / 4_000_000).toBeCloseTo(1, 2);
  });
});

describe('TokenWorker', () => {
  it('is there from the first question on, and goes when nobody asks any more', async () => {
    const worker = new TokenWorker(1);
    expect(worker.isRunning).toBe(false);
    expect(await worker.count(['hello'])).toBe(1);
    await eventually(() => {
      expect(worker.isRunning).toBe(false);
      return Promise.resolve();
    });
    expect(await worker.count(['hello'])).toBe(1);
    await worker.stop();
  });

  it('fails what it was asked when it ends, and starts anew for the next question', async () => {
    const worker = new TokenWorker(60_000);
    const counted = worker.count(['hello']);
    const failed = expect(counted).rejects.toThrow('ended');
    await worker.stop();
    await failed;
    expect(await worker.count(['hello'])).toBe(1);
    await worker.stop();
  });
});
