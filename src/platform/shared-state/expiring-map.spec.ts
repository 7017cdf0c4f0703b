import { ExpiringMap } from './expiring-map.js';

describe('ExpiringMap', () => {
  it('gives a value until the moment of its end', () => {
    const map = new ExpiringMap<string>();
    map.set('key', 'value', 10, 0);
    expect([map.get('key', 9), map.get('key', 10)]).toEqual(['value', undefined]);
  });

  it('keeps what is alive, however often it walks', () => {
    const map = new ExpiringMap<number>();
    for (let n = 0; n < 100; n += 1) map.set(`long ${n}`, n, 1_000_000, 0);
    for (let n = 0; n < 10_000; n += 1) map.set(`short ${n}`, n, n + 1, n);
    const alive = Array.from({ length: 100 }, (_, n) => map.get(`long ${n}`, 10_000));
    expect(alive).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(map.size).toBeLessThan(150);
  });

  it('forgets after a flood of short lives', () => {
    const map = new ExpiringMap<number>();
    for (let n = 0; n < 10_000; n += 1) map.set(`flood ${n}`, n, 10, 0);
    for (let n = 0; n < 3_400; n += 1) map.set('one', n, 30, 20);
    expect(map.size).toBe(1);
  });
});
