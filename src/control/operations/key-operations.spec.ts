import { randomUUID } from 'node:crypto';
import { holder } from '../../../test/support/asked-operations.js';
import { usePoolOperations } from '../../../test/support/pool-operations.js';
import type { PoolId } from '../../core/index.js';
import type { KeyDetailView, KeyView } from '../views/key-view.js';

interface Page {
  readonly items: readonly KeyView[];
  readonly next?: string;
}
type Made = KeyView & { readonly token: string };

describe('operations on keys', () => {
  const house = usePoolOperations();
  const newPool = () => house().pools.createPool(`p-${randomUUID()}`);
  const create = async (input: object = {}) => {
    const { slug: pool } = await newPool();
    return house().operations.ask<Made>('keys.create', { pool, label: 'ci', ...input });
  };
  const shown = (key: string) => house().operations.ask<KeyDetailView>('keys.get', { key });

  it('make a key whose token is shown this once only', async () => {
    const { operations } = house();
    const { token, ...key } = await create({ allowedModels: ['GPT-5*'], expiresAt: '2030-01-31T01:00:00+01:00' });
    expect(token).toMatch(/^sk-cxp-[0-9a-f]{12}-[\w-]{43}$/);
    expect(key).toMatchObject({
      prefix: token.slice(0, 19),
      status: 'active',
      allowedModels: ['gpt-5*'],
      expiresAt: '2030-01-31T00:00:00.000Z',
    });
    const everything = [
      await shown(key.id),
      await operations.ask('keys.list', { limit: 200 }),
      await operations.trail(),
    ];
    expect(JSON.stringify(everything)).not.toContain(token.slice(20));
  });

  it('keep a fingerprint of the token in the audit, and say what the key may', async () => {
    const { operations } = house();
    const { id, poolId } = await create({ forcedModel: 'gpt-5.4' });
    const events = await operations.events('key.create');
    expect(events.at(-1)).toMatchObject({
      target_id: id,
      target_label: 'ci',
      pool_id: poolId,
      outcome: 'success',
      details: { after: { forcedModel: 'gpt-5.4', token: expect.stringMatching(/^sha256:[0-9a-f]{12}$/) } },
    });
  });

  it('answer the same key again under the same Idempotency-Key, and make no other', async () => {
    const { operations, keys } = house();
    const { id, slug: pool } = await newPool();
    const input = { pool, label: 'once' };
    const first = await operations.ask('keys.create', input, { idempotencyKey: 'one' });
    expect(await operations.ask('keys.create', input, { idempotencyKey: 'one' })).toEqual(first);
    expect(await keys.listKeys(id)).toHaveLength(1);
    const other = { pool, label: 'other' };
    expect(await operations.codeOf('keys.create', other, { idempotencyKey: 'one' })).toBe('unprocessable');
    expect(await operations.codeOf('keys.create', input)).toBe('conflict');
  });

  it('rotate once under one Idempotency-Key, whatever was tried dry under it before', async () => {
    const { operations } = house();
    const { prefix, id: key } = await create();
    const idempotencyKey = randomUUID();
    const input = { key, overlapSeconds: 900 };
    const tried = await operations.ask('keys.rotate', input, { idempotencyKey, dryRun: true });
    expect(tried).toMatchObject({ dryRun: true, effects: [`The secret ${prefix} is refused after 900 s.`] });
    expect((await shown(key)).prefix).toBe(prefix);
    const rotated = await operations.ask<Made>('keys.rotate', input, { idempotencyKey });
    expect(await operations.ask('keys.rotate', input, { idempotencyKey })).toEqual(rotated);
    expect(rotated).toMatchObject({ previousPrefix: prefix, previousUntil: expect.any(String) });
    expect(await operations.ask('keys.rotate', { key }, { dryRun: true })).toMatchObject({
      effects: [
        `The secret ${rotated.prefix} is refused at once.`,
        `The secret ${prefix}, which it had before, is refused at once.`,
      ],
    });
    expect(await operations.trail()).not.toContain(rotated.token.slice(20));
  });

  it('change what is mentioned of a key, and take away what is null', async () => {
    const { operations } = house();
    const { id: key } = await create({ allowedModels: ['gpt-5*'], effort: { mode: 'up_to', effort: 'low' } });
    const input = { key, effort: null, serviceTier: 'fast', allowedAddresses: ['10.1.2.3'] };
    expect(await operations.ask('keys.update', input)).toMatchObject({
      allowedModels: ['gpt-5*'],
      effort: null,
      serviceTier: 'priority',
      allowedAddresses: ['10.1.2.3/32'],
    });
  });

  it('pause, resume and revoke a key by its prefix, and change no revoked one', async () => {
    const { operations } = house();
    const { prefix: key } = await create();
    for (const [name, status] of [
      ['keys.pause', 'paused'],
      ['keys.resume', 'active'],
      ['keys.revoke', 'revoked'],
      ['keys.revoke', 'revoked'],
    ] as const) {
      expect(await operations.ask(name, { key })).toMatchObject({ prefix: key, status });
    }
    for (const name of ['keys.resume', 'keys.update', 'keys.rotate']) {
      expect(await operations.codeOf(name, { key })).toBe('conflict');
    }
    expect((await operations.events('key.resume')).at(-1)).toMatchObject({
      outcome: 'failure',
      details: { code: 'conflict' },
    });
  });

  it.each(['keys.pause', 'keys.revoke', 'keys.rotate'])('change nothing by a dry run of %s', async (name) => {
    const { operations } = house();
    const { id: key } = await create();
    const [before, trail] = [await shown(key), await operations.trail()];
    const tried = await operations.ask(name, { key }, { dryRun: true });
    expect(tried).toMatchObject({ dryRun: true, before, effects: expect.arrayContaining([expect.any(String)]) });
    expect([await shown(key), await operations.trail()]).toEqual([before, trail]);
  });

  it('change only the version that is named, which its use does not make another', async () => {
    const { operations, database } = house();
    const { id: key } = await create();
    const version = async () => (await operations.done('keys.get', { key })).version ?? '';
    const first = await version();
    await database.query('UPDATE pool_key SET last_used_at = now() WHERE id = $1', [key]);
    expect(await version()).toBe(first);
    await operations.ask('keyLimits.set', { key, tokensPerDay: 5 });
    expect(await operations.codeOf('keys.pause', { key }, { ifMatch: first })).toBe('precondition_failed');
    expect((await shown(key)).status).toBe('active');
    expect(await operations.codeOf('keys.pause', { key }, { ifMatch: await version() })).toBe('ok');
  });

  it('let one of two changes of one version through', async () => {
    const { operations } = house();
    const { id: key, prefix } = await create();
    const ifMatch = (await operations.done('keys.get', { key })).version ?? '';
    const codes = await Promise.all([
      operations.codeOf('keys.update', { key, maxConcurrent: 1 }, { ifMatch }),
      operations.codeOf('keys.update', { key: prefix, maxConcurrent: 2 }, { ifMatch }),
    ]);
    expect([...codes].sort()).toEqual(['ok', 'precondition_failed']);
    expect((await shown(key)).maxConcurrent).toBe(codes.indexOf('ok') + 1);
  });

  it('show a bound token the keys of its Pools only', async () => {
    const { operations } = house();
    const [own, other] = [await create(), await create()];
    const as = holder(['keys:write'], [own.poolId as PoolId]);
    const { items } = await operations.ask<Page>('keys.list', {}, { as });
    expect(items.map(({ id }) => id)).toEqual([own.id]);
    expect(await operations.codeOf('keys.pause', { key: own.id }, { as })).toBe('ok');
    for (const name of ['get', 'update', 'pause', 'resume', 'revoke', 'rotate']) {
      expect(await operations.codeOf(`keys.${name}`, { key: other.id }, { as })).toBe('not_found');
    }
    expect(await operations.codeOf('keys.list', { pool: other.pool }, { as })).toBe('not_found');
    expect(await operations.codeOf('keys.create', { pool: other.pool, label: 'x' }, { as })).toBe('not_found');
    expect(await operations.codeOf('keys.create', { pool: own.pool, label: 'x' }, { as })).toBe('ok');
    expect((await shown(other.id)).status).toBe('active');
  });

  it('list keys on pages, each once, while others come and go, also when they were made at one moment', async () => {
    const { operations, database } = house();
    const { slug: pool } = await newPool();
    const add = (label: string) => operations.ask<Made>('keys.create', { pool, label });
    const made: string[] = [];
    for (let at = 0; at < 7; at += 1) made.push((await add(`k${at}`)).id);
    await database.query('UPDATE pool_key SET created_at = $2 WHERE id = ANY($1)', [
      made,
      '2026-01-01T00:00:00.123456Z',
    ]);
    const seen: string[] = [];
    for (let after: string | undefined, page = 0; page === 0 || after !== undefined; page += 1) {
      const { items, next } = await operations.ask<Page>('keys.list', { pool, limit: 2, ...(after && { after }) });
      seen.push(...items.map(({ id }) => id));
      if (page === 1) await database.query('DELETE FROM pool_key WHERE id = $1', [seen.at(-1)]);
      if (page === 2) made.push((await add('late')).id);
      after = next;
    }
    expect([...seen].sort()).toEqual([...made].sort());
  });

  it('find keys by their state and by a part of label or prefix', async () => {
    const { operations } = house();
    const { slug: pool } = await newPool();
    const [one, two] = [
      await operations.ask<Made>('keys.create', { pool, label: 'Nightly 100%' }),
      await operations.ask<Made>('keys.create', { pool, label: 'laptop' }),
    ];
    await operations.ask('keys.pause', { key: two.id });
    const found = async (input: object) => {
      const { items } = await operations.ask<Page>('keys.list', { pool, ...input });
      return items.map(({ id }) => id);
    };
    expect(await found({ search: 'nightly' })).toEqual([one.id]);
    expect(await found({ search: '%' })).toEqual([one.id]);
    expect(await found({ search: two.prefix.toUpperCase() })).toEqual([two.id]);
    expect(await found({ status: 'paused' })).toEqual([two.id]);
    expect(await found({ status: 'revoked' })).toEqual([]);
  });

  it.each(['junk', Buffer.from(`2026-13-01T00:00:00.000000Z ${randomUUID()}`).toString('base64url')])(
    'refuse a cursor that nobody made: %s',
    async (after) => {
      expect(await house().operations.codeOf('keys.list', { after })).toBe('invalid_input');
    },
  );

  it.each([
    [{ label: '' }, 'invalid_input'],
    [{ label: 'a\u0000' }, 'invalid_input'],
    [{ label: 'x'.repeat(101) }, 'invalid_input'],
    [{ maxConcurrent: 0 }, 'invalid_input'],
    [{ effort: { mode: 'always', effort: 'most' } }, 'invalid_input'],
    [{ expiresAt: 'tomorrow' }, 'invalid_input'],
    [{ allowedModels: Array.from({ length: 201 }, () => 'gpt') }, 'invalid_input'],
    [{ secret: 'mine' }, 'invalid_input'],
    [{ allowedModels: [] }, 'unprocessable'],
    [{ allowedModels: ['a\u0000'] }, 'invalid_input'],
    [{ forcedModel: 'gpt-4', allowedModels: ['gpt-5*'] }, 'unprocessable'],
    [{ modelAliases: [['claude', '']] }, 'unprocessable'],
    [{ allowedAddresses: ['10.0.0.0/99'] }, 'unprocessable'],
  ])('refuse a key that makes no sense: %#', async (input, code) => {
    const { slug: pool } = await newPool();
    expect(await house().operations.codeOf('keys.create', { pool, label: 'x', ...input })).toBe(code);
  });

  it('make no key in an archived Pool', async () => {
    const { operations } = house();
    const { slug: pool } = await newPool();
    await operations.ask('pools.update', { pool, status: 'archived' });
    expect(await operations.codeOf('keys.create', { pool, label: 'late' })).toBe('conflict');
  });
});
