import { randomUUID } from 'node:crypto';
import type { Place } from './shared-state.js';
import type { SharedStateUnderTest } from './under-test.contract.js';

const SOON_MS = 40;
const LATER_MS = 60_000;

export function describeLeases({ state, until }: SharedStateUnderTest): void {
  const names = () => [randomUUID(), randomUUID(), randomUUID()] as const;
  const taken = async (places: readonly Place[], token: string = randomUUID(), ttlMs = LATER_MS) =>
    (await state().acquireAll(places, token, ttlMs)).ok;

  it('gives as many leases as the limit says, to takers that come at once too', async () => {
    const key = randomUUID();
    const given = await Promise.all(Array.from({ length: 20 }, () => taken([{ key, limit: 5 }])));
    expect(given.filter(Boolean)).toHaveLength(5);
    expect(await state().held([key])).toEqual([5]);
  });

  it('takes a place of every key or none, and names the one that is full', async () => {
    const [free, full] = names();
    await taken([{ key: full, limit: 1 }]);
    const places = [
      { key: free, limit: 1 },
      { key: full, limit: 1 },
    ];
    expect(await state().acquireAll(places, randomUUID(), LATER_MS)).toEqual({ ok: false, full });
    expect(await state().held([free, full])).toEqual([0, 1]);
  });

  it('only counts where there is no limit', async () => {
    const [key, limited] = names();
    expect([
      await taken([{ key }]),
      await taken([{ key }, { key: limited, limit: 1 }]),
      await taken([{ key }]),
    ]).toEqual([true, true, true]);
    expect(await state().held([key, limited])).toEqual([3, 1]);
  });

  it('counts a lease in its part as well', async () => {
    const [key, part, other] = names();
    await taken([{ key, limit: 9, part }]);
    await taken([{ key, limit: 9, part }]);
    await taken([{ key, limit: 9, part: other }]);
    expect(await state().held([key, part, other])).toEqual([3, 2, 1]);
  });

  it('gives a lease again that was released', async () => {
    const [key, part] = names();
    await taken([{ key, limit: 1, part }], 'first');
    expect(await taken([{ key, limit: 1 }])).toBe(false);
    await state().releaseAll([key, part], 'first');
    expect(await state().held([key, part])).toEqual([0, 0]);
    expect(await taken([{ key, limit: 1 }])).toBe(true);
  });

  it('gives a lease again that has ended, while longer ones go on', async () => {
    const key = randomUUID();
    await taken([{ key, limit: 2 }]);
    await taken([{ key, limit: 2 }], 'short', SOON_MS);
    await until(() => taken([{ key, limit: 2 }]));
    expect(await taken([{ key, limit: 2 }])).toBe(false);
    expect(await state().held([key])).toEqual([2]);
  });

  it('moves the end of every lease that is renewed, of all keys', async () => {
    const [one, two, other] = names();
    await taken([{ key: one, limit: 1 }], 'first', SOON_MS);
    await taken([{ key: one, limit: 9 }, { key: two }], 'second', SOON_MS);
    const leases = [
      { keys: [one], token: 'first' },
      { keys: [one, two], token: 'second' },
    ];
    await state().renewAll(leases, LATER_MS);
    await taken([{ key: other }], 'gone', SOON_MS);
    await until(async () => (await state().held([other]))[0] === 0);
    expect(await state().held([one, two])).toEqual([2, 1]);
  });

  it('renews what had ended or was lost, full or not', async () => {
    const [key] = names();
    await taken([{ key, limit: 1 }]);
    await state().renewAll([{ keys: [key], token: 'lost' }], LATER_MS);
    expect(await state().held([key])).toEqual([2]);
  });

  it('renews many at once, and none', async () => {
    const [one, two] = names();
    const leases = Array.from({ length: 60 }, (_, n) => ({ keys: [one, two], token: `token ${n}` }));
    await state().renewAll(leases, LATER_MS);
    await state().renewAll([], LATER_MS);
    expect(await state().held([one, two])).toEqual([60, 60]);
  });

  it('gives the same token its own place again', async () => {
    const [key] = names();
    expect([await taken([{ key, limit: 1 }], 'same'), await taken([{ key, limit: 1 }], 'same')]).toEqual([true, true]);
    expect(await state().held([key])).toEqual([1]);
  });

  it('releases nothing when the token is not held', async () => {
    const [key] = names();
    await taken([{ key, limit: 1 }]);
    await state().releaseAll([key], randomUUID());
    expect(await taken([{ key, limit: 1 }])).toBe(false);
  });

  it('gives no lease when the limit is 0', async () => {
    expect(await taken([{ key: randomUUID(), limit: 0 }])).toBe(false);
  });

  it('counts nothing where nothing is held, and nothing when nothing is asked', async () => {
    expect([await state().held([randomUUID()]), await state().held([])]).toEqual([[0], []]);
  });
}
