import { randomUUID } from 'node:crypto';
import type { SharedStateUnderTest } from './under-test.contract.js';

const SOON_MS = 40;
const LATER_MS = 60_000;

/** Places that several share: who waits, and whose turn it is. */
export function describeFairLeases({ state, until }: SharedStateUnderTest): void {
  const shared = (limit: number) => {
    const key = randomUUID();
    const part = (name: string) => `${key} ${name}`;
    const places = (name: string) => [{ key, limit, part: part(name) }];
    return {
      key,
      /** Comes, and goes away when refused. */
      come: async (name: string, token: string = randomUUID()) =>
        (await state().acquireAll(places(name), token, LATER_MS)).ok,
      /** Comes, and waits when refused. */
      wait: async (name: string, token: string, forMs = LATER_MS) =>
        (await state().acquireAll(places(name), token, LATER_MS, forMs)).ok,
      leave: (name: string, token: string) => state().releaseAll([key, part(name)], token),
    };
  };

  it('keeps a free place for the one who waits and holds less', async () => {
    const { come, wait, leave } = shared(2);
    expect([await come('many', 'm1'), await come('many', 'm2'), await wait('few', 'f1')]).toEqual([true, true, false]);
    await leave('many', 'm1');
    expect([await come('many'), await wait('many', 'm3')]).toEqual([false, false]);
    expect(await wait('few', 'f1')).toBe(true);
  });

  it('gives no newcomer a place before the one who waits and holds as much', async () => {
    const { come, wait, leave } = shared(2);
    await Promise.all([come('many', 'm1'), come('many', 'm2')]);
    await wait('one', 'o1');
    await leave('many', 'm1');
    expect([await come('two'), await wait('two', 't1')]).toEqual([false, true]);
  });

  it('lets those take turns who wait and hold as much', async () => {
    const { come, wait, leave } = shared(1);
    await come('one', 'o1');
    for (const [now, next] of [
      ['o1', 't1'],
      ['t1', 'o2'],
      ['o2', 't2'],
    ] as const) {
      const [had, has] = [now.startsWith('o') ? 'one' : 'two', next.startsWith('o') ? 'one' : 'two'];
      await wait(had, `${had} again`);
      await wait(has, next);
      await leave(had, now);
      expect([await wait(had, `${had} again`), await wait(has, next)]).toEqual([false, true]);
      await leave(had, `${had} again`);
    }
  });

  it('lets nobody wait for itself', async () => {
    const { come, wait, leave } = shared(1);
    await come('one', 'o1');
    await wait('one', 'o2');
    await leave('one', 'o1');
    expect(await come('one')).toBe(true);
  });

  it('forgets who waits when that one goes, has been served or has not asked for long', async () => {
    const { come, wait, leave } = shared(2);
    const many = async () => {
      await leave('many', 'm1');
      return come('many', 'm1');
    };
    await Promise.all([come('many', 'm1'), come('many', 'm2')]);
    await wait('few', 'f1');
    expect(await many()).toBe(false);
    await leave('few', 'f1');
    expect(await come('many', 'm1')).toBe(true);
    await wait('few', 'f2', SOON_MS);
    await leave('many', 'm1');
    await until(() => come('many', 'm1'));
    await wait('few', 'f3');
    await leave('many', 'm1');
    expect(await wait('few', 'f3')).toBe(true);
    await leave('many', 'm2');
    expect(await come('many', 'm2')).toBe(true);
  });

  it('does not keep a place for one who cannot take it, because another place is full', async () => {
    const [ours, theirs] = [shared(1), shared(1)];
    const both = (name: string) => [
      { key: theirs.key, limit: 1, part: `${theirs.key} ${name}` },
      { key: ours.key, limit: 1, part: `${ours.key} ${name}` },
    ];
    await ours.come('many', 'm1');
    await theirs.come('many', 'm2');
    expect(await state().acquireAll(both('few'), 'f1', LATER_MS, LATER_MS)).toEqual({ ok: false, full: theirs.key });
    await theirs.leave('many', 'm2');
    expect(await state().acquireAll(both('few'), 'f1', LATER_MS, LATER_MS)).toEqual({ ok: false, full: ours.key });
    expect(await theirs.come('many', 'm2')).toBe(true);
    await ours.leave('many', 'm1');
    expect(await ours.come('many', 'm1')).toBe(false);
  });

  it('does not let those who are refused by a limit of their own keep others away', async () => {
    const { key, come, leave } = shared(2);
    const own = [
      { key: `${key} own`, limit: 0 },
      { key, limit: 2, part: `${key} few` },
    ];
    await Promise.all([come('many', 'm1'), come('many', 'm2')]);
    expect(await state().acquireAll(own, 'f1', LATER_MS, LATER_MS)).toEqual({ ok: false, full: `${key} own` });
    await leave('many', 'm1');
    expect(await come('many', 'm1')).toBe(true);
  });

  it('compares by the fullest of the places that are wanted', async () => {
    const [small, large] = [shared(2), shared(100)];
    const both = (name: string) => [
      { key: large.key, limit: 100, part: `${large.key} ${name}` },
      { key: small.key, limit: 2, part: `${small.key} ${name}` },
    ];
    for (const token of ['a', 'b', 'c']) await large.come('many', token);
    await state().acquireAll(both('few'), 'f1', LATER_MS);
    await small.come('other', 'o1');
    expect(await state().acquireAll(both('many'), 'm1', LATER_MS, LATER_MS)).toEqual({ ok: false, full: small.key });
    await small.leave('other', 'o1');
    expect((await state().acquireAll(both('few'), 'f2', LATER_MS)).ok).toBe(false);
    expect((await state().acquireAll(both('many'), 'm1', LATER_MS, LATER_MS)).ok).toBe(true);
  });
}
