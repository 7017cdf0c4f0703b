import { insisted } from './insisted.js';

describe('what must not be lost', () => {
  it('is tried until it succeeds, and tells of its first failure', async () => {
    const told: unknown[] = [];
    let tries = 0;
    const work = async () => (++tries < 3 ? Promise.reject(new Error(`try ${tries}`)) : 'done');
    expect(await insisted(work, 10_000, (error) => told.push(error))).toBe('done');
    expect(told).toEqual([new Error('try 1')]);
  });

  it('is given up with its last failure when its time is over', async () => {
    const work = () => Promise.reject(new Error('away'));
    await expect(insisted(work, 120, () => undefined)).rejects.toThrow('away');
  });
});
