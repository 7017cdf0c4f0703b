import { ExpiringCache } from './expiring-cache.js';

describe('ExpiringCache', () => {
  it('forgets an entry when its time is over, not before', () => {
    const cache = new ExpiringCache<string>(2);
    cache.put('a', 'A', 100, 1_000);
    expect([cache.get('a', 1_099), cache.get('a', 1_100)]).toEqual(['A', undefined]);
  });

  it('forgets an entry when the clock was set back', () => {
    const cache = new ExpiringCache<string>(2);
    cache.put('a', 'A', 100, 1_000);
    expect(cache.get('a', 999)).toBeUndefined();
  });

  it('makes room by dropping the entry that was unused for longest', () => {
    const cache = new ExpiringCache<string>(2);
    cache.put('a', 'A', 100, 0);
    cache.put('b', 'B', 100, 0);
    cache.get('a', 1);
    cache.put('c', 'C', 100, 2);
    expect(['a', 'b', 'c'].map((key) => cache.get(key, 3))).toEqual(['A', undefined, 'C']);
  });

  it('drops the entries that match', () => {
    const cache = new ExpiringCache<string>(2);
    cache.put('a', 'A', 100, 0);
    cache.put('b', 'B', 100, 0);
    cache.dropWhere((value) => value === 'A');
    expect(['a', 'b'].map((key) => cache.get(key, 1))).toEqual([undefined, 'B']);
  });
});
