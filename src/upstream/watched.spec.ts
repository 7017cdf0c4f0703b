import { collect, from } from '../core/index.js';
import { watched } from './watched.js';

describe('a watched stream', () => {
  const watch = <Item>(source: AsyncIterable<Item>) => {
    const seen: Item[] = [];
    const partings: string[] = [];
    const stream = watched(
      source,
      (item) => seen.push(item),
      ({ how }) => partings.push(how),
    );
    return { stream, seen, partings };
  };

  it('passes everything on, and tells that it was read', async () => {
    const { stream, seen, partings } = watch(from([1, 2]));
    expect(await collect(stream)).toEqual([1, 2]);
    expect([seen, partings]).toEqual([[1, 2], ['read']]);
  });

  it('tells once that it was given back, also before it was begun', async () => {
    const { stream, seen, partings } = watch(from([1, 2]));
    const reader = stream[Symbol.asyncIterator]();
    await reader.return?.();
    await reader.return?.();
    expect([seen, partings]).toEqual([[], ['given_back']]);
  });

  it('tells that it broke, and breaks for its reader too', async () => {
    const broken = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('broken')) }) };
    const { stream, partings } = watch(broken);
    await expect(collect(stream)).rejects.toThrow('broken');
    expect(partings).toEqual(['broken']);
  });
});
