import { useDatabase } from '../../test/support/database.js';
import { boxOf, keyOf, NOW, OTHER_POOL, POOL, storedServices, TTL_MS } from '../../test/support/stored-services.js';

const PARAM = 'input';

describe('what is inside stored items', () => {
  const database = useDatabase();
  const stored = () => storedServices(database.dataSource());
  const of = keyOf('');
  const find = async (ids: readonly string[], over: Partial<typeof of> = {}, nowMs = NOW, services = stored()) => {
    const found = await services.holders.find({ ...of, ...over }, ids, PARAM, nowMs);
    return Object.fromEntries([...found].map(([itemId, { id }]) => [itemId, id]));
  };

  beforeEach(() => database.dataSource().query('TRUNCATE stored_item'));

  it('leads to what holds it', async () => {
    await stored().keep('a', { itemIds: ['rs_1', 'msg_1', 'msg_1'] });
    await stored().keep('b', { itemIds: ['fc_1'] });
    await stored().keep('c');
    expect(await find(['msg_1', 'fc_1', 'fc_1', 'rs_1', 'nothing'])).toEqual({ msg_1: 'a', rs_1: 'a', fc_1: 'b' });
    expect(await find([])).toEqual({});
    expect(await find(['', 'a\0', 'x'.repeat(300)])).toEqual({});
  });

  it('is found in two questions, however many items are asked for', async () => {
    for (const id of ['a', 'b', 'c']) await stored().keep(id, { itemIds: [`msg_${id}`] });
    const query = jest.spyOn(database.dataSource(), 'query');
    await find(['msg_a', 'msg_b', 'msg_c', 'msg_d']);
    expect(query).toHaveBeenCalledTimes(2);
    query.mockRestore();
  });

  it('is not there for another Pool, in another kind, or when what holds it is over, deleted or sealed for good', async () => {
    await stored().keep('a', { itemIds: ['msg_1'] });
    expect(await find(['msg_1'], { poolId: OTHER_POOL })).toEqual({});
    expect(await find(['msg_1'], { kind: 'completion' })).toEqual({});
    expect(await find(['msg_1'], {}, NOW + TTL_MS)).toEqual({});
    expect(await find(['msg_1'], {}, NOW, storedServices(database.dataSource(), boxOf('v2')))).toEqual({});
    await stored().items.forget(keyOf('a'), NOW);
    expect(await find(['msg_1'])).toEqual({});
  });

  it('is not guessed when several hold it', async () => {
    for (const id of ['a', 'b', 'c']) await stored().keep(id, { itemIds: ['message_0', `msg_${id}`] });
    await stored().keep('d', { itemIds: ['message_0'], poolId: OTHER_POOL });
    expect(await find(['message_0', 'msg_b'])).toEqual({ msg_b: 'b' });
    expect(await find(['message_0'], { poolId: OTHER_POOL })).toEqual({ message_0: 'd' });
  });

  it('goes by the last ids when something is stored again', async () => {
    await stored().keep('a', { itemIds: ['msg_1'] });
    await stored().keep('a', { itemIds: ['msg_2'] });
    expect(await find(['msg_1', 'msg_2'])).toEqual({ msg_2: 'a' });
  });

  it('that is too much to be read is refused by the name that the client used', async () => {
    await database.dataSource().query(`
      INSERT INTO stored_item (pool_id, kind, id, key_id, account_id, model, content, created_at, expires_at, item_ids)
      SELECT '${POOL}', 'response', 'r1', '${POOL}', '${POOL}', '', decode(repeat('00', 65 * 1024 * 1024), 'hex'), 'now',
             'infinity', '{msg_1}'`);
    const refused = { code: 'request_too_large', detail: { param: PARAM } };
    await expect(find(['msg_1'])).rejects.toMatchObject(refused);
  });
});
