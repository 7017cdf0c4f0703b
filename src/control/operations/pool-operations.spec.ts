import { randomUUID } from 'node:crypto';
import { holder } from '../../../test/support/asked-operations.js';
import { usePoolOperations } from '../../../test/support/pool-operations.js';
import type { PoolView } from '../views/pool-view.js';

interface Page {
  readonly items: readonly PoolView[];
  readonly next?: string;
}

describe('operations on Pools', () => {
  const house = usePoolOperations();
  const newSlug = () => `p-${randomUUID()}`;
  const create = (input: object) => house().operations.ask<PoolView>('pools.create', input);

  it('make a Pool with its settings, once', async () => {
    const { operations } = house();
    const slug = newSlug();
    const made = await create({ slug, name: 'Team', maxConcurrent: 8, anthropicModels: [['claude-*', 'gpt-5.5']] });
    expect(made).toMatchObject({ slug, name: 'Team', status: 'active', maxConcurrent: 8, routingStrategy: 'balanced' });
    expect(await operations.ask('pools.get', { pool: slug })).toEqual(made);
    expect(await operations.codeOf('pools.create', { slug, name: 'Other' })).toBe('conflict');
    expect(await operations.ask('pools.get', { pool: slug })).toEqual(made);
  });

  it('let one of several makers win, and leave the Pool as that one wanted it', async () => {
    const { operations } = house();
    const slug = newSlug();
    const names = ['one', 'two', 'three', 'four'];
    const codes = await Promise.all(names.map((name) => operations.codeOf('pools.create', { slug, name })));
    expect([...codes].sort()).toEqual(['conflict', 'conflict', 'conflict', 'ok']);
    expect(await operations.ask('pools.get', { pool: slug })).toMatchObject({ name: names[codes.indexOf('ok')] });
  });

  it('change what is mentioned, and make nothing of a Pool that is not there', async () => {
    const { operations, pools } = house();
    const { slug: pool } = await create({ slug: newSlug(), name: 'Before', defaultModel: 'gpt-5.5' });
    const changed = await operations.ask('pools.update', { pool, defaultModel: null, v1Enabled: false });
    expect(changed).toMatchObject({ name: 'Before', defaultModel: null, v1Enabled: false });
    const nowhere = newSlug();
    expect(await operations.codeOf('pools.update', { pool: nowhere, name: 'x' })).toBe('not_found');
    expect(await pools.findPool(nowhere)).toBeNull();
  });

  it('leave a Pool alone that is so already', async () => {
    const { operations } = house();
    const made = await create({ slug: newSlug(), droppedParams: ['user'] });
    const input = { pool: made.slug, name: made.name, droppedParams: ['user'] };
    expect(await operations.ask('pools.update', input)).toEqual(made);
  });

  it('change only the version that is named', async () => {
    const { operations } = house();
    const { slug: pool } = await create({ slug: newSlug() });
    const { version = '' } = await operations.done('pools.get', { pool });
    const first = await operations.done('pools.update', { pool, name: 'First' }, { ifMatch: version });
    expect(await operations.codeOf('pools.update', { pool, name: 'Second' }, { ifMatch: version })).toBe(
      'precondition_failed',
    );
    expect(await operations.done('pools.get', { pool })).toMatchObject({
      version: first.version,
      output: { name: 'First' },
    });
  });

  it('say of a dry run who would be refused, and change nothing', async () => {
    const { operations } = house();
    const before = await create({ slug: newSlug() });
    const pool = before.slug;
    for (const label of ['a', 'b']) await operations.ask('keys.create', { pool, label });
    const events = await operations.events('pool.set');
    const input = { pool, status: 'archived', v1Enabled: false };
    expect(await operations.ask('pools.update', input, { dryRun: true })).toEqual({
      dryRun: true,
      action: 'pool.set',
      before,
      effects: ['Calls with the keys of the Pool are refused; not revoked: 2.', 'Calls below /v1 are refused.'],
    });
    expect(await operations.ask('pools.get', { pool })).toEqual(before);
    expect(await operations.events('pool.set')).toEqual(events);
  });

  it('show a bound token its Pools only, and let it make none', async () => {
    const { operations, pools } = house();
    const [own, other] = [await pools.createPool(newSlug()), await pools.createPool(newSlug())];
    const as = holder(['pools:write'], [own.id]);
    expect(await operations.ask<Page>('pools.list', {}, { as })).toEqual({
      items: [expect.objectContaining({ slug: own.slug })],
    });
    expect(await operations.codeOf('pools.get', { pool: own.slug }, { as })).toBe('ok');
    expect(await operations.codeOf('pools.update', { pool: own.slug, name: 'Ours' }, { as })).toBe('ok');
    for (const name of ['pools.get', 'pools.update']) {
      expect(await operations.codeOf(name, { pool: other.slug }, { as })).toBe('not_found');
    }
    const slug = newSlug();
    expect(await operations.codeOf('pools.create', { slug }, { as })).toBe('forbidden');
    expect(await pools.findPool(slug)).toBeNull();
  });

  it('change nothing for who may only read, or only write keys', async () => {
    const { operations } = house();
    const { slug: pool } = await create({ slug: newSlug() });
    for (const scope of ['read', 'keys:write'] as const) {
      const as = holder([scope]);
      expect(await operations.codeOf('pools.get', { pool }, { as })).toBe('ok');
      expect(await operations.codeOf('pools.update', { pool, name: 'x' }, { as })).toBe('forbidden');
    }
  });

  it('list all Pools on pages, by slug, while others come and go', async () => {
    const { operations, pools } = house();
    const mark = randomUUID().slice(0, 8);
    const slugs = ['b', 'd', 'f', 'h', 'k'].map((letter) => `${letter}-${mark}`);
    for (const slug of slugs) await pools.createPool(slug);
    const page = (after?: string) =>
      operations.ask<Page>('pools.list', { search: mark.toUpperCase(), limit: 2, ...(after && { after }) });
    const seen: string[] = [];
    for (let after: string | undefined, more = true; more; more = after !== undefined) {
      const { items, next } = await page(after);
      seen.push(...items.map(({ slug }) => slug));
      await pools.createPool(`a-${mark}`);
      await pools.createPool(`g-${mark}`);
      after = next;
    }
    expect(seen).toEqual([...slugs, `g-${mark}`].sort());
  });

  it.each([
    [{ slug: 'Team' }],
    [{ slug: 'team', name: 'a\u0000b' }],
    [{ slug: 'team', maxConcurrent: 2 ** 31 }],
    [{ slug: 'team', ringSize: 0 }],
    [{ slug: 'team', defaultModel: 'gpt 5' }],
    [{ slug: 'team', defaultInstructions: 'a\u0000' }],
    [{ slug: 'team', defaultInstructions: 'x'.repeat(100_001) }],
    [{ slug: 'team', anthropicModels: [['claude-*', 'gpt-*']] }],
    [{ slug: 'team', anthropicModels: Array.from({ length: 201 }, () => ['a', 'b']) }],
    [{ slug: 'team', droppedParams: ['a\u0000'] }],
    [{ slug: 'team', droppedParams: Array.from({ length: 201 }, () => 'user') }],
    [{ slug: 'team', storedTtlSeconds: 0 }],
    [{ slug: 'team', keyz: true }],
  ])('refuse what no Pool can be: %#', async (input) => {
    expect(await house().operations.codeOf('pools.create', input)).toBe('invalid_input');
  });

  it('tell the audit who did what, from where, before and after', async () => {
    const { operations } = house();
    const { id, slug: pool } = await create({ slug: newSlug(), name: 'Before' });
    await operations.ask('pools.update', { pool, name: 'After' });
    expect((await operations.events('pool.set')).at(-1)).toMatchObject({
      actor_kind: 'token',
      actor_label: 'somebody',
      target_type: 'pool',
      target_id: id,
      target_label: pool,
      pool_id: id,
      outcome: 'success',
      request_id: 'req-1',
      address: '192.0.2.1',
      details: { before: { name: 'Before' }, after: { name: 'After' } },
    });
  });
});
