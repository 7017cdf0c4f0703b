import { Recent } from './recent.js';

const BOUNDS = { freshMs: 1_000, staleMs: 10_000 };

describe('a recent value', () => {
  it('is loaded once for everybody who asks at the same time, and again once it is old', async () => {
    let loads = 0;
    const recent = new Recent(async (key: string) => `${key}${(loads += 1)}`, BOUNDS);
    expect(await Promise.all([recent.get('a', 0), recent.get('a', 0), recent.get('b', 0)])).toEqual(['a1', 'a1', 'b2']);
    expect(await recent.get('a', 999)).toBe('a1');
    expect(await recent.get('a', 1_000)).toBe('a3');
  });

  it('that is expired while it is on its way is not what those get who asked before', async () => {
    const loads: ((value: string) => void)[] = [];
    const recent = new Recent((_: string) => new Promise<string>((done) => loads.push(done)), BOUNDS);
    const before = recent.get('a', 0);
    recent.expire();
    const after = recent.get('a', 0);
    loads[1]?.('new');
    loads[0]?.('old');
    expect(await Promise.all([before, after])).toEqual(['new', 'new']);
    expect(await recent.get('a', 500)).toBe('new');
    expect(loads).toHaveLength(2);
  });

  it('that is expired each time it is loaded is taken as it is in the end', async () => {
    let loads = 0;
    const load = async (): Promise<number> => {
      await Promise.resolve();
      recent.expire();
      loads += 1;
      return loads;
    };
    const recent: Recent<string, number> = new Recent(load, BOUNDS);
    expect(await recent.get('a', 0)).toBe(3);
  });

  it('stands in for one that cannot be loaded, for a while', async () => {
    let away = false;
    const load = async () => (away ? Promise.reject(new Error('away')) : 'old');
    const recent = new Recent(load, BOUNDS);
    expect(await recent.get('a', 0)).toBe('old');
    away = true;
    expect(await recent.get('a', 5_000)).toBe('old');
    await expect(recent.get('a', 10_000)).rejects.toThrow('away');
    await expect(recent.get('b', 0)).rejects.toThrow('away');
    away = false;
    expect(await recent.get('a', 10_001)).toBe('old');
  });
});
