import { useDatabase } from '../../test/support/database.js';
import { NOW, OTHER_POOL, POOL, storedServices, TTL_MS } from '../../test/support/stored-services.js';
import { keyOf } from '../../test/support/stored-services.js';
import { noted } from './noted.js';

describe('pages of stored items', () => {
  const database = useDatabase();
  const stored = () => storedServices(database.dataSource());
  type Query = Parameters<ReturnType<typeof stored>['pages']['page']>[0];
  const page = async (over: Partial<Query> = {}, nowMs = NOW) => {
    const query: Query = { poolId: POOL, kind: 'response', descending: false, metadata: new Map(), ...over };
    const { items, hasMore } = await stored().pages.page(query, nowMs);
    return [items.map(({ id }) => id), hasMore];
  };
  const keepAll = async (...ids: readonly string[]): Promise<void> => {
    for (const id of ids) await stored().keep(id);
  };

  beforeEach(() => database.dataSource().query('TRUNCATE stored_item'));

  it('hold what the Pool keeps, oldest first or newest first', async () => {
    await keepAll('a', 'b', 'c');
    await stored().keep('theirs', { poolId: OTHER_POOL });
    await stored().keep('chat', { kind: 'completion' });
    expect(await page()).toEqual([['a', 'b', 'c'], false]);
    expect(await page({ descending: true })).toEqual([['c', 'b', 'a'], false]);
    expect(await page({}, NOW + TTL_MS)).toEqual([[], false]);
  });

  it('go on after an item, either way', async () => {
    await keepAll('a', 'b', 'c', 'd');
    expect(await page({ limit: 2 })).toEqual([['a', 'b'], true]);
    expect(await page({ limit: 2, after: 'b' })).toEqual([['c', 'd'], false]);
    expect(await page({ limit: 1, after: 'c', descending: true })).toEqual([['b'], true]);
  });

  it.each(['unknown', 'gone', 'theirs', 'a\0'])(
    'begin at the first after an item that is not there: %j (T22)',
    async (after) => {
      await keepAll('a', 'gone', 'b');
      await stored().keep('theirs', { poolId: OTHER_POOL });
      await stored().items.forget(keyOf('gone'), NOW);
      expect(await page({ after })).toEqual([['a', 'b'], false]);
    },
  );

  it('hold only those of a model and with metadata, when that is asked for', async () => {
    const { keep } = stored();
    await keep('a', { model: 'gpt-5.4', metadata: { team: 'red', step: 1 } });
    await keep('b', { metadata: { team: 'red', step: 2 } });
    await keep('c');
    expect(await page({ model: 'gpt-5.4' })).toEqual([['a'], false]);
    expect(await page({ metadata: new Map([['team', 'red']]) })).toEqual([['a', 'b'], false]);
    expect(
      await page({
        metadata: new Map([
          ['team', 'red'],
          ['step', '2'],
        ]),
      }),
    ).toEqual([['b'], false]);
    expect(await page({ metadata: new Map([['team', 'blue']]) })).toEqual([[], false]);
    expect(await page({ metadata: new Map([['team', 'red']]), limit: 1 })).toEqual([['a'], true]);
  });

  it('find the few among the many', async () => {
    const { keep } = stored();
    const policy = { maxItems: 10_000 };
    const names = Array.from({ length: 1_100 }, (_, n) => `item_${n}`);
    await Promise.all(names.map((name) => keep(name, { policy })));
    await keep('last', { policy, metadata: { wanted: 'yes' } });
    expect(await page({ metadata: new Map([['wanted', 'yes']]) })).toEqual([['last'], false]);
    const [ids, more] = await page();
    expect([(ids as string[]).length, more]).toEqual([1_000, true]);
  });

  it('are shorter when items are large, and say that there is more', async () => {
    const { keep } = stored();
    const content = { text: 'x'.repeat(5 * 1024 * 1024) };
    for (const id of ['a', 'b', 'c']) await keep(id, { content });
    expect(await page()).toEqual([['a'], true]);
    expect(await page({ after: 'a' })).toEqual([['b'], true]);
    expect(await page({ after: 'b' })).toEqual([['c'], false]);
  });

  it.each([
    [{ n: 1 }, 'n', '1', true],
    [{ n: '1' }, 'n', '1', true],
    [{ n: true }, 'n', 'true', true],
    [{ n: null }, 'n', 'null', true],
    [{ n: 'a' }, 'm', 'a', false],
    [{}, 'toString', '', false],
  ])('compare metadata as text: %j, %s = %j → %s (T21)', (metadata, name, value, fits) => {
    expect(noted(metadata, new Map([[name, value]]))).toBe(fits);
  });
});
