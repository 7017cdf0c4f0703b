import { allowedModels, GatewayError, type AccountId, type CatalogEntry } from '../core/index.js';
import { useDatabase } from '../../test/support/database.js';
import { fakeLogin } from '../../test/support/fake-login.js';
import { FakeKind, POOL, upstreamServices } from '../../test/support/upstream-services.js';

const entry = (slug: string, rest: object = {}): CatalogEntry => ({ slug, entry: { slug, ...rest } });

describe('catalogs', () => {
  const database = useDatabase();
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account CASCADE'));

  const start = async (...labels: string[]) => {
    const kind = new FakeKind();
    const process = upstreamServices(database.dataSource(), kind);
    const ids: AccountId[] = [];
    for (const label of labels) {
      const { authJson } = fakeLogin({ accountId: label });
      ids.push((await process.accounts.importAuthJson(authJson, { label, poolId: POOL })).account.id);
    }
    const slugs = async () => (await process.catalog.models(POOL)).entries.map(({ slug }) => slug);
    const [first, second] = ids as [AccountId, AccountId];
    return { kind, first, second, slugs, ...process };
  };

  it('are read from the upstream, stored, and shown as the union of the Pool’s accounts', async () => {
    const { kind, first, second, slugs, catalogRefresh, pool } = await start('alice', 'bob');
    expect(await slugs()).toEqual([]);
    kind.onModels = async ({ id }) => (id === first ? [entry('b'), entry('a')] : [entry('c')]);
    expect(await catalogRefresh.run(first)).toBe('stored');
    expect(await slugs()).toEqual(['a', 'b']);
    await catalogRefresh.run(second);
    expect(await slugs()).toEqual(['a', 'b', 'c']);
    expect((await pool.snapshot(POOL)).map(({ models }) => models)).toEqual([new Set(['a', 'b']), new Set(['c'])]);
  });

  it('keep unknown fields, and change their entity tag with the content', async () => {
    const { kind, first, catalogRefresh, catalog } = await start('alice');
    kind.onModels = async () => [entry('a', { future: { x: [1, 'é\u0000'] } })];
    await catalogRefresh.run(first);
    const before = await catalog.models(POOL);
    expect(before.entries[0]?.entry).toMatchObject({ future: { x: [1, 'é'] } });
    kind.onModels = async () => [entry('a', { future: 2 })];
    await catalogRefresh.run(first);
    expect((await catalog.models(POOL)).etag).not.toBe(before.etag);
  });

  it('lose what the upstream no longer offers', async () => {
    const { kind, first, slugs, catalogRefresh } = await start('alice');
    kind.onModels = async () => [entry('a'), entry('b')];
    await catalogRefresh.run(first);
    kind.onModels = async () => [entry('b')];
    await catalogRefresh.run(first);
    expect(await slugs()).toEqual(['b']);
  });

  it('stay as they were when an account fails or has nothing to offer', async () => {
    const { kind, first, slugs, catalogRefresh } = await start('alice');
    kind.onModels = async () => [entry('a')];
    await catalogRefresh.run(first);
    kind.onModels = async () => [];
    expect(await catalogRefresh.run(first)).toBe('kept');
    kind.onModels = async () => Promise.reject(new GatewayError('upstream_error', 'm'));
    await expect(catalogRefresh.run(first)).rejects.toMatchObject({ code: 'upstream_error' });
    expect(await slugs()).toEqual(['a']);
  });

  it('of the other accounts remain when one account is dead', async () => {
    const { kind, first, second, slugs, catalogRefresh, changes } = await start('alice', 'bob');
    kind.onModels = async ({ id }) => [entry('both'), entry(id === first ? 'alice' : 'bob')];
    await catalogRefresh.run(first);
    await catalogRefresh.run(second);
    await database.dataSource().query(`UPDATE upstream_account SET status = 'login_required' WHERE id = $1`, [first]);
    changes.announce(first);
    expect(await slugs()).toEqual(['bob', 'both']);
  });

  it('stay the last known ones when no account is usable', async () => {
    const { kind, first, second, slugs, catalogRefresh, changes } = await start('alice', 'bob');
    kind.onModels = async ({ id }) => [entry(id === first ? 'alice' : 'bob')];
    await catalogRefresh.run(first);
    await catalogRefresh.run(second);
    const db = database.dataSource();
    await db.query(`UPDATE upstream_account SET status = 'login_required' WHERE id = $1`, [first]);
    await db.query(`UPDATE pool_account SET status = 'paused' WHERE account_id = $1`, [second]);
    changes.announce(first);
    expect(await slugs()).toEqual(['alice', 'bob']);
  });

  it('stay what they were while the database is away', async () => {
    const { kind, first, slugs, catalogRefresh, changes } = await start('alice');
    kind.onModels = async () => [entry('a')];
    await catalogRefresh.run(first);
    expect(await slugs()).toEqual(['a']);
    changes.announce(first);
    const away = jest.spyOn(database.dataSource(), 'query').mockRejectedValue(new Error('away'));
    expect(await slugs()).toEqual(['a']);
    away.mockRestore();
  });

  it('are less for a key that is limited, with a tag of their own', async () => {
    const { kind, first, catalogRefresh, catalog } = await start('alice');
    kind.onModels = async () => [entry('A-1'), entry('b')];
    await catalogRefresh.run(first);
    const [whole, part, again, none] = [
      await catalog.models(POOL),
      await catalog.models(POOL, allowedModels(['a-1', 'unknown'])),
      await catalog.models(POOL, allowedModels(['unknown', 'a-1'])),
      await catalog.models(POOL, allowedModels(['unknown'])),
    ];
    expect([part.entries.map(({ slug }) => slug), none.entries]).toEqual([['A-1'], []]);
    expect(part.etag).not.toBe(whole.etag);
    expect(again).toBe(part);
  });

  it('are asked for again with new tokens after a 401', async () => {
    const { kind, first, slugs, catalogRefresh } = await start('alice');
    kind.onRefresh = async () => ({ accessToken: fakeLogin({ generation: 1 }).accessToken });
    kind.onModels = async ({ credentialEpoch }) =>
      credentialEpoch === 1
        ? Promise.reject(new GatewayError('upstream_account_rejected', 'm', { upstreamStatus: 401 }))
        : [entry('a')];
    await catalogRefresh.run(first);
    expect(await slugs()).toEqual(['a']);
  });
});
