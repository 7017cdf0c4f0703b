import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { useDatabase } from '../../test/support/database.js';
import { databaseTexts, sightings } from '../../test/support/everything-stored.js';
import { ALICE, boxOf, keyOf, NOW, OTHER_POOL, storedServices, TTL_MS } from '../../test/support/stored-services.js';

describe('stored items', () => {
  const database = useDatabase();
  const stored = () => storedServices(database.dataSource());

  beforeEach(() => database.dataSource().query('TRUNCATE stored_item'));

  it('are found as they were kept, until their time is over', async () => {
    const { items, keep } = stored();
    await keep('resp_1', { content: { text: 'Hello' }, metadata: { team: 'red' } });
    expect(await items.find(keyOf('resp_1'), NOW + TTL_MS - 1)).toEqual({
      id: 'resp_1',
      accountId: ALICE,
      content: { text: 'Hello' },
      metadata: { team: 'red' },
    });
    expect(await items.find(keyOf('resp_1'), NOW + TTL_MS)).toBeUndefined();
    expect(await items.forget(keyOf('resp_1'), NOW + TTL_MS)).toBe(false);
  });

  it('are one Pool’s: another finds, notes, and deletes nothing, and may use the same id', async () => {
    const { items, keep } = stored();
    await keep('resp_1');
    const foreign = keyOf('resp_1', { poolId: OTHER_POOL });
    expect(await items.find(foreign, NOW)).toBeUndefined();
    expect(await items.describe(foreign, {}, NOW)).toBeUndefined();
    expect(await items.forget(foreign, NOW)).toBe(false);
    await keep('resp_1', { poolId: OTHER_POOL, content: { text: 'theirs' } });
    expect((await items.find(keyOf('resp_1'), NOW))?.content).toEqual({ text: 'resp_1' });
    expect((await items.find(foreign, NOW))?.content).toEqual({ text: 'theirs' });
  });

  it('are of a kind: a completion is no response', async () => {
    const { items, keep } = stored();
    await keep('chatcmpl_1', { kind: 'completion' });
    expect(await items.find(keyOf('chatcmpl_1'), NOW)).toBeUndefined();
    expect(await items.find(keyOf('chatcmpl_1', { kind: 'completion' }), NOW)).toBeDefined();
  });

  it.each([
    ['nothing', ''],
    ['a NUL', 'a\0b'],
    ['too much', 'x'.repeat(257)],
  ])('are neither kept nor looked for by %s, which is no id', async (_, id) => {
    const { items, keep, rows } = stored();
    await keep(id);
    expect(await rows()).toEqual([]);
    expect(await items.find(keyOf(id), NOW)).toBeUndefined();
    expect(await items.forget(keyOf(id), NOW)).toBe(false);
  });

  it('keep a place in the order, also when they are stored again', async () => {
    const { items, keep, visible } = stored();
    for (const id of ['a', 'b', 'c']) await keep(id);
    await keep('b', { content: { text: 'again' } });
    expect(await visible()).toEqual(['a', 'b', 'c']);
    expect((await items.find(keyOf('b'), NOW))?.content).toEqual({ text: 'again' });
    await items.forget(keyOf('a'), NOW);
    await keep('a');
    expect(await visible()).toEqual(['b', 'c', 'a']);
  });

  it('are noted with what the client says last', async () => {
    const { items, keep } = stored();
    await keep('resp_1', { metadata: { team: 'red', step: 1 } });
    expect(await items.describe(keyOf('resp_1'), { team: 'blue' }, NOW)).toMatchObject({ metadata: { team: 'blue' } });
    expect(await items.find(keyOf('resp_1'), NOW)).toMatchObject({
      content: { text: 'resp_1' },
      metadata: { team: 'blue' },
    });
  });

  describe('beyond the number that a Pool keeps', () => {
    it('go, oldest first, each kind and Pool by itself', async () => {
      const { keep, visible, rows } = stored();
      const policy = { maxItems: 2 };
      await keep('other', { poolId: OTHER_POOL, policy });
      await keep('chat', { kind: 'completion', policy });
      for (const id of ['a', 'b', 'c', 'd']) await keep(id, { policy });
      expect(await visible()).toEqual(['other', 'chat', 'c', 'd']);
      expect(await rows()).toEqual(['other', 'chat', 'c', 'd']);
    });

    it('go all at once when the number is lowered', async () => {
      const { keep, rows } = stored();
      for (const id of ['a', 'b', 'c', 'd']) await keep(id);
      await keep('e', { policy: { maxItems: 1 } });
      expect(await rows()).toEqual(['e']);
    });

    it('are not kept at all when it is 0', async () => {
      const { keep, rows } = stored();
      await keep('a');
      await keep('b', { policy: { maxItems: 0 } });
      expect(await rows()).toEqual([]);
    });

    it('go also when two gateways keep at the same time', async () => {
      const second = await new DataSource({
        type: 'postgres',
        url: database.url(),
        installExtensions: false,
      }).initialize();
      try {
        const other = storedServices(second);
        const policy = { maxItems: 5 };
        await Promise.all(
          Array.from({ length: 60 }, (_, n) => (n % 2 === 0 ? stored() : other).keep(`resp_${n}`, { policy })),
        );
        const { visible, rows } = stored();
        expect(await visible()).toHaveLength(5);
        expect(await rows()).toHaveLength(5);
      } finally {
        await second.destroy();
      }
    });
  });

  it('hold nothing of what was said in clear, in no column and no form', async () => {
    const { items, keep } = stored();
    const [text, note, later] = ['text', 'note', 'later'].map((name) => `${name}${randomUUID()}`);
    await keep('resp_1', { content: { text }, metadata: { note }, model: 'gpt-5.5' });
    await items.describe(keyOf('resp_1'), { later }, NOW);
    await keep('resp_2', { content: { text }, metadata: { note } });
    const texts = await databaseTexts(database.dataSource());
    const secrets = new Map(Object.entries({ text, note, later }) as [string, string][]);
    expect(sightings(secrets, texts)).toEqual([]);
    expect(sightings(new Map([['model', 'gpt-5.5']]), texts)).toEqual(['model in public.stored_item.model']);
  });

  it('are not there when their key is gone, and the log says no more than that', async () => {
    const { keep } = stored();
    await keep('resp_1', { content: { text: 'sealed words' } });
    const warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const { items } = storedServices(database.dataSource(), boxOf('v2'));
    const found = await items.find(keyOf('resp_1'), NOW);
    const lines = JSON.stringify(warned.mock.calls);
    warned.mockRestore();
    expect(found).toBeUndefined();
    expect(lines).toContain('A stored item cannot be read');
    expect(lines).not.toContain('sealed words');
  });

  it('do not open in another place than their own', async () => {
    const { items, keep } = stored();
    await keep('a');
    await keep('b', { poolId: OTHER_POOL });
    await database
      .dataSource()
      .query("UPDATE stored_item SET content = (SELECT content FROM stored_item WHERE id = 'a')");
    expect(await items.find(keyOf('a'), NOW)).toBeDefined();
    expect(await items.find(keyOf('b', { poolId: OTHER_POOL }), NOW)).toBeUndefined();
  });

  describe('when the database', () => {
    const answering = (query: () => Promise<unknown>) => storedServices({ query } as unknown as DataSource);

    it('is away, are not kept, and nobody is stopped by it', async () => {
      const warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
      const { keep } = answering(() => Promise.reject(new Error('away')));
      await expect(keep('resp_1')).resolves.toBeUndefined();
      expect(warned).toHaveBeenCalledTimes(1);
      warned.mockRestore();
    });

    it('does not answer, are waited for 5 seconds', async () => {
      jest.useFakeTimers();
      try {
        let kept = false;
        const { keep } = answering(() => new Promise(() => undefined));
        const keeping = keep('resp_1').then(() => (kept = true));
        await jest.advanceTimersByTimeAsync(4_999);
        expect(kept).toBe(false);
        await jest.advanceTimersByTimeAsync(1);
        await keeping;
      } finally {
        jest.useRealTimers();
      }
    });
  });
});
