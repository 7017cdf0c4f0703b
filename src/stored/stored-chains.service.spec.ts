import { useDatabase } from '../../test/support/database.js';
import { boxOf, keyOf, NOW, OTHER_POOL, POOL, storedServices, TTL_MS } from '../../test/support/stored-services.js';

const PARAM = 'previous_response_id';

describe('stored conversations', () => {
  const database = useDatabase();
  const stored = () => storedServices(database.dataSource());
  const read = async (id: string, nowMs = NOW, services = stored()): Promise<unknown[] | undefined> =>
    (await services.chains.read(keyOf(id), PARAM, nowMs))?.map(({ content }) => content['text']);
  const keepChain = async (...ids: readonly string[]): Promise<void> => {
    for (const [n, id] of ids.entries()) {
      const parentId = ids[n - 1];
      await stored().keep(id, { nowMs: NOW + n, ...(parentId === undefined ? {} : { parentId }) });
    }
  };

  beforeEach(() => database.dataSource().query('TRUNCATE stored_item'));

  it('are read from the first turn to the one asked for', async () => {
    await keepChain('a', 'b', 'c');
    await stored().keep('branch', { parentId: 'a' });
    expect(await read('c')).toEqual(['a', 'b', 'c']);
    expect(await read('b')).toEqual(['a', 'b']);
    expect(await read('branch')).toEqual(['a', 'branch']);
  });

  it('hold each turn once: a turn stores only what it added (T9)', async () => {
    await keepChain('a', 'b', 'c');
    const sizes = await database
      .dataSource()
      .query<{ bytes: number }[]>('SELECT octet_length(content) AS bytes FROM stored_item');
    expect(new Set(sizes.map(({ bytes }) => bytes)).size).toBe(1);
  });

  it('are whole although their first turns are deleted, evicted or over', async () => {
    await keepChain('a', 'b', 'c', 'd');
    await stored().items.forget(keyOf('a'), NOW);
    await stored().keep('d', { parentId: 'c', policy: { maxItems: 2 }, nowMs: NOW + 3 });
    const later = NOW + TTL_MS + 2;
    await stored().items.sweep(later);
    expect(await read('d', later)).toEqual(['a', 'b', 'c', 'd']);
    for (const id of ['a', 'b', 'c']) expect(await read(id, later)).toBeUndefined();
  });

  it('are not there for another Pool, or by an unknown id', async () => {
    await keepChain('a', 'b');
    const { chains } = stored();
    expect(await chains.read(keyOf('b', { poolId: OTHER_POOL }), PARAM, NOW)).toBeUndefined();
    expect(await chains.goOnFrom(keyOf('b', { poolId: OTHER_POOL }), PARAM, NOW)).toBeUndefined();
    expect(await chains.read(keyOf('b', { kind: 'completion' }), PARAM, NOW)).toBeUndefined();
    expect([await read('c'), await read('a\0'), await read('')]).toEqual([undefined, undefined, undefined]);
  });

  it('never cross into another Pool that uses the same ids', async () => {
    await stored().keep('a', { poolId: OTHER_POOL });
    await stored().keep('b', { parentId: 'a' });
    expect(await read('b')).toBeUndefined();
  });

  it('are not there when one of their turns does not open', async () => {
    await keepChain('a', 'b');
    const rotated = storedServices(database.dataSource(), boxOf('v2'));
    await rotated.keep('c', { parentId: 'b' });
    expect(await read('c', NOW, rotated)).toBeUndefined();
  });

  it('can be gone on from as many times as one likes', async () => {
    await keepChain('a');
    const { chains } = stored();
    for (const nowMs of [NOW, NOW + 1]) expect(await chains.goOnFrom(keyOf('a'), PARAM, nowMs)).toHaveLength(1);
  });

  const planted = (sql: string) =>
    database.dataSource().query(`
    INSERT INTO stored_item (pool_id, kind, id, key_id, account_id, parent_id, model, content, created_at, expires_at)
    SELECT '${POOL}', 'response', 'r' || n, '${POOL}', '${POOL}', parent, '', content, 'now', 'infinity' FROM (${sql}) x`);

  it.each([
    [
      'turns',
      String.raw`SELECT n, CASE WHEN n > 1 THEN 'r' || n - 1 END AS parent, '\x00'::bytea AS content
                           FROM generate_series(1, 2001) n`,
      'r2001',
    ],
    ['bytes', `SELECT 1 AS n, NULL AS parent, decode(repeat('00', 65 * 1024 * 1024), 'hex') AS content`, 'r1'],
    [
      'of a circle',
      String.raw`SELECT n, 'r' || 3 - n AS parent, '\x00'::bytea AS content FROM generate_series(1, 2) n`,
      'r1',
    ],
  ])('that are too long (%s) are refused by the name that the client used', async (_, sql, id) => {
    await planted(sql);
    await expect(read(id)).rejects.toMatchObject({ code: 'request_too_large', detail: { param: PARAM } });
  });
});
