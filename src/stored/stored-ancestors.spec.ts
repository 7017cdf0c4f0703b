import { useDatabase } from '../../test/support/database.js';
import { keyOf, NOW, storedServices, TTL_MS } from '../../test/support/stored-services.js';
import { AWAITED_MS } from './stored-chains.service.js';

describe('stored items', () => {
  const database = useDatabase();
  const stored = () => storedServices(database.dataSource());

  beforeEach(() => database.dataSource().query('TRUNCATE stored_item'));

  describe('that others go on from', () => {
    const chain = async (): Promise<ReturnType<typeof stored>> => {
      const services = stored();
      await services.keep('a');
      await services.keep('b', { parentId: 'a' });
      await services.keep('c', { parentId: 'b' });
      return services;
    };

    it('are hidden when they are deleted, and go with the last that needs them', async () => {
      const { items, visible, rows } = await chain();
      expect(await items.forget(keyOf('a'), NOW)).toBe(true);
      expect(await items.forget(keyOf('b'), NOW)).toBe(true);
      expect(await items.find(keyOf('b'), NOW)).toBeUndefined();
      expect(await items.forget(keyOf('b'), NOW)).toBe(false);
      expect([await visible(), await rows()]).toEqual([['c'], ['a', 'b', 'c']]);
      await items.forget(keyOf('c'), NOW);
      expect(await rows()).toEqual([]);
    });

    it('stay visible when only what goes on from them is deleted', async () => {
      const { items, rows } = await chain();
      await items.forget(keyOf('c'), NOW);
      expect(await rows()).toEqual(['a', 'b']);
    });

    it('stay for a second branch', async () => {
      const { items, keep, rows } = await chain();
      await keep('d', { parentId: 'b' });
      for (const id of ['a', 'b', 'c']) await items.forget(keyOf(id), NOW);
      expect(await rows()).toEqual(['a', 'b', 'd']);
      await items.forget(keyOf('d'), NOW);
      expect(await rows()).toEqual([]);
    });

    it('are hidden when they are evicted, and go in one with their last branches', async () => {
      const { keep, visible, rows } = await chain();
      await keep('d', { parentId: 'b', policy: { maxItems: 2 } });
      expect([await visible(), await rows()]).toEqual([
        ['c', 'd'],
        ['a', 'b', 'c', 'd'],
      ]);
      await keep('e', { policy: { maxItems: 1 } });
      expect(await visible()).toEqual(['e']);
      await stored().items.sweep(NOW);
      expect(await rows()).toEqual(['e']);
    });

    it('stay while one that goes on from them is in the making', async () => {
      const { items, chains, keep, rows } = stored();
      await keep('a');
      await chains.goOnFrom(keyOf('a'), 'previous_response_id', NOW);
      await items.forget(keyOf('a'), NOW);
      await items.sweep(NOW + AWAITED_MS - 1);
      expect(await rows()).toEqual(['a']);
      await items.sweep(NOW + AWAITED_MS);
      expect(await rows()).toEqual([]);
    });
  });

  describe('a sweep', () => {
    it('removes what is over and nothing else', async () => {
      const { items, keep, rows } = stored();
      await keep('old');
      await keep('new', { nowMs: NOW + 1 });
      expect(await items.sweep(NOW + TTL_MS)).toBe(1);
      expect(await items.sweep(NOW + TTL_MS)).toBe(0);
      expect(await rows()).toEqual(['new']);
    });

    it('keeps what is over as long as something that is not goes on from it', async () => {
      const { items, keep, rows, visible } = stored();
      await keep('a');
      await keep('b', { parentId: 'a', nowMs: NOW + 1_000 });
      await keep('c', { parentId: 'b', nowMs: NOW + 2_000 });
      await keep('d', { parentId: 'b' });
      expect(await items.sweep(NOW + TTL_MS + 1_000)).toBe(1);
      expect([await visible(NOW + TTL_MS + 1_000), await rows()]).toEqual([['c'], ['a', 'b', 'c']]);
      expect(await items.sweep(NOW + TTL_MS + 2_000)).toBe(3);
      expect(await rows()).toEqual([]);
    });
  });
});
