import { Turnstile } from './turnstile.js';

describe('a turnstile', () => {
  it('lets no more work run at once than it is wide, and all of it in the end', async () => {
    const turnstile = new Turnstile(2);
    const ends: (() => void)[] = [];
    const work = (name: string) => turnstile.pass(() => new Promise<string>((done) => ends.push(() => done(name))));
    const all = ['a', 'b', 'c', 'd'].map(work);
    expect(ends).toHaveLength(2);
    ends[0]?.();
    await all[0];
    expect(ends).toHaveLength(3);
    ends[1]?.();
    ends[2]?.();
    await Promise.all([all[1], all[2]]);
    ends[3]?.();
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('frees the place of work that fails', async () => {
    const turnstile = new Turnstile(1);
    await expect(turnstile.pass(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await turnstile.pass(async () => 'next')).toBe('next');
  });
});
