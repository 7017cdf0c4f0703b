import { Bulkhead } from './bulkhead.js';

function work() {
  let end: () => void = () => undefined;
  const done = new Promise<string>((resolve) => (end = () => resolve('done')));
  return { end, run: () => done };
}

describe('a bulkhead', () => {
  it('lets so many in, has so many wait in line, and turns away the rest', async () => {
    const bulkhead = new Bulkhead({ places: 1, waiting: 1, patienceMs: 60_000 });
    const [first, second] = [work(), work()];
    const one = bulkhead.within(first.run);
    expect(bulkhead.isFull).toBe(false);
    const two = bulkhead.within(second.run);
    expect(bulkhead.isFull).toBe(true);
    expect(await bulkhead.within(work().run)).toBeUndefined();
    first.end();
    second.end();
    expect(await Promise.all([one, two])).toEqual(['done', 'done']);
    expect(bulkhead.isFull).toBe(false);
  });

  it('lets nobody wait longer than his patience', async () => {
    const bulkhead = new Bulkhead({ places: 1, waiting: 1, patienceMs: 1 });
    const first = work();
    const one = bulkhead.within(first.run);
    expect(await bulkhead.within(work().run)).toBeUndefined();
    first.end();
    expect(await one).toBe('done');
    expect(await bulkhead.within(() => Promise.resolve('next'))).toBe('next');
  });

  it('gives its place back when the work fails', async () => {
    const bulkhead = new Bulkhead({ places: 1, waiting: 0, patienceMs: 1 });
    await expect(bulkhead.within(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await bulkhead.within(() => Promise.resolve('next'))).toBe('next');
  });
});
