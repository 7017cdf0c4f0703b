import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { useDatabase } from '../../test/support/database.js';
import { GatewayError, type KeyId, type PoolId } from '../core/index.js';
import { aPoolPolicy } from '../../test/support/pool-policy.js';
import { MemorySharedState } from '../platform/shared-state/index.js';
import { KeyAdminService } from './key-admin.service.js';
import { KeyBroadcast } from './key-broadcast.service.js';
import { KeyRefused } from './key-refused.js';
import { PoolKey } from './pool-key.entity.js';
import { PoolKeyRepository } from './pool-key.repository.js';
import { PoolKeyService } from './pool-key.service.js';
import { Pool } from './pool.entity.js';
import { PoolService } from './pool.service.js';
import { mintToken, TOKEN_RANDOM_BYTES } from './token-format.js';
import { UsageLimitRow } from './usage-limit.entity.js';

const token = (fill: number) => mintToken(Buffer.alloc(TOKEN_RANDOM_BYTES, fill));

describe('Pools and their keys in the store', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  const database = useDatabase([Pool, PoolKey, UsageLimitRow]);

  /** What one process has, on the store of this file. */
  async function house(shared = new MemorySharedState(() => 0)) {
    const repository = database.dataSource().getRepository(PoolKey);
    const broadcast = new KeyBroadcast(shared);
    const service = new PoolKeyService(new PoolKeyRepository(repository), shared);
    await service.onModuleInit();
    return {
      service,
      shared,
      repository,
      keys: new KeyAdminService(repository, broadcast),
      pools: new PoolService(database.dataSource().getRepository(Pool), broadcast),
      codeOf: (presented: string, nowMs = Date.now()) =>
        service.authenticate(`Bearer ${presented}`, nowMs).then(
          () => 'ok',
          (error: unknown) => GatewayError.from(error).code,
        ),
    };
  }

  const newPool = async ({ pools }: { pools: PoolService }) => pools.createPool(`p-${randomUUID()}`);

  it('makes a Pool with its defaults, named after its slug', async () => {
    const { pools } = await house();
    expect(await pools.createPool('team')).toMatchObject({
      slug: 'team',
      name: 'team',
      status: 'active',
      v1Enabled: true,
      imageGenerationEnabled: true,
      defaultModel: null,
      allowUnlistedModels: false,
      reportCapacity: false,
      routingStrategy: 'balanced',
    });
  });

  it('makes a Pool once, and later changes only what is given', async () => {
    const { pools } = await house();
    const first = await pools.createPool('twice', { name: 'Twice', defaultModel: 'gpt-5.5', v1Enabled: false });
    const second = await pools.createPool('twice', { v1Enabled: true });
    expect(second).toMatchObject({ id: first.id, name: 'Twice', defaultModel: 'gpt-5.5', v1Enabled: true });
    expect((await pools.createPool('twice', { defaultModel: null })).defaultModel).toBeNull();
    expect((await pools.listPools()).filter(({ slug }) => slug === 'twice')).toHaveLength(1);
  });

  it('makes one Pool for all who ask at once', async () => {
    const { pools } = await house();
    const made = await Promise.all(Array.from({ length: 8 }, () => pools.createPool('race', { name: 'Race' })));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  });

  it.each(['Team', 'a_b', '-a', 'a-', '', 'a'.repeat(64)])('refuses the slug "%s"', async (slug) => {
    const { pools } = await house();
    await expect(pools.createPool(slug)).rejects.toThrow(/pool_slug_ck/);
  });

  it('finds a Pool by its slug, or nothing', async () => {
    const { pools } = await house();
    const { id } = await pools.createPool('findable');
    expect([(await pools.findPool('findable'))?.id, await pools.findPool('missing')]).toEqual([id, null]);
  });

  it('mints a key that opens its Pool, and tells its policy', async () => {
    const all = await house();
    const pool = await all.pools.createPool('minting', { defaultModel: 'gpt-5.5' });
    const { key, token: minted } = await all.keys.createKey(pool.id, 'ci');
    expect(minted.startsWith(`${key.prefix}-`)).toBe(true);
    expect(await all.service.authenticate(`Bearer ${minted}`, Date.now())).toEqual({
      keyId: key.id,
      keyLabel: 'ci',
      pool: aPoolPolicy({ id: pool.id, slug: 'minting', defaultModel: 'gpt-5.5' }),
    });
  });

  it('keeps nothing of the secret but its digest, and does not even read that by accident', async () => {
    const all = await house();
    const { key, token: minted } = await all.keys.createKey((await newPool(all)).id, 'ci');
    const secret = minted.slice(key.prefix.length + 1);
    const rows: unknown = await all.repository.query('SELECT * FROM pool_key WHERE id = $1', [key.id]);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(key.digest).toBeUndefined();
  });

  it('does not open for the right prefix with another secret', async () => {
    const all = await house();
    const { key } = await all.keys.createKey((await newPool(all)).id, 'ci');
    expect(await all.codeOf(`${key.prefix}-${'A'.repeat(43)}`)).toBe('api_key_missing');
  });

  it('takes a key that the operator chose, when it is well formed and free', async () => {
    const all = await house();
    const { id } = await newPool(all);
    const created = await all.keys.createKey(id, 'chosen', { secret: token(1) });
    expect([created.token, await all.codeOf(token(1))]).toEqual([token(1), 'ok']);
    await expect(all.keys.createKey(id, 'again', { secret: token(1) })).rejects.toThrow(KeyRefused);
    await expect(all.keys.createKey(id, 'bad', { secret: 'hunter2' })).rejects.toThrow(KeyRefused);
    await expect(all.keys.createKey(id, 'bad', { secret: 'hunter2' })).rejects.not.toThrow(/hunter2/);
  });

  it('takes a label once per Pool', async () => {
    const all = await house();
    const [one, other] = [await newPool(all), await newPool(all)];
    await all.keys.createKey(one.id, 'ci');
    await expect(all.keys.createKey(one.id, 'ci')).rejects.toThrow('already has a key labelled "ci"');
    expect((await all.keys.createKey(other.id, 'ci')).key.label).toBe('ci');
  });

  it('takes no key for a Pool that is not there', async () => {
    const { keys } = await house();
    await expect(keys.createKey(randomUUID() as PoolId, 'ci')).rejects.toThrow(/pool_key_pool_fk/);
  });

  it('expires a key at its time', async () => {
    const all = await house();
    const expiresAt = new Date('2030-01-01T00:00:00Z');
    const { token: minted } = await all.keys.createKey((await newPool(all)).id, 'short', { expiresAt });
    const at = expiresAt.getTime();
    expect([await all.codeOf(minted, at - 1), await all.codeOf(minted, at)]).toEqual(['ok', 'api_key_expired']);
  });

  it.each(['id', 'prefix'] as const)('revokes a key by its %s, at once and for all processes that hear', async (by) => {
    const [here, there] = [await house(), await house()];
    const joint = await house(here.shared);
    const { key, token: minted } = await here.keys.createKey((await newPool(here)).id, 'ci');
    expect([await joint.codeOf(minted), await there.codeOf(minted)]).toEqual(['ok', 'ok']);
    const revoked = await here.keys.revokeKey(key[by]);
    expect(revoked).toMatchObject({ id: key.id, status: 'revoked', revokedAt: expect.any(Date) as Date });
    expect([await joint.codeOf(minted), await there.codeOf(minted)]).toEqual(['api_key_revoked', 'ok']);
    expect(await there.codeOf(minted, Date.now() + 1_000)).toBe('api_key_revoked');
  });

  it('revokes a key once, and nothing for a name that is none', async () => {
    const all = await house();
    const { key } = await all.keys.createKey((await newPool(all)).id, 'ci');
    const first = await all.keys.revokeKey(key.id);
    expect((await all.keys.revokeKey(key.id))?.revokedAt).toEqual(first?.revokedAt);
    expect(await all.keys.revokeKey(randomUUID())).toBeNull();
    expect(await all.keys.revokeKey(`sk-cxp-' OR 1=1`)).toBeNull();
  });

  it('revokes a key also when nobody can be told', async () => {
    const all = await house();
    const { key } = await all.keys.createKey((await newPool(all)).id, 'ci');
    all.shared.publish = () => Promise.reject(new Error('away'));
    expect((await all.keys.revokeKey(key.prefix))?.status).toBe('revoked');
  });

  it('shuts every key of a Pool that is disabled, and opens them again with it', async () => {
    const all = await house();
    const { slug, id } = await newPool(all);
    const { token: minted } = await all.keys.createKey(id, 'ci');
    const codes = [await all.codeOf(minted)];
    for (const status of ['disabled', 'active', 'archived'] as const) {
      await all.pools.createPool(slug, { status });
      codes.push(await all.codeOf(minted));
    }
    expect(codes).toEqual(['ok', 'api_key_missing', 'ok', 'api_key_missing']);
  });

  it('lists the keys of one Pool, or of all, oldest first', async () => {
    const all = await house();
    const { id } = await newPool(all);
    for (const label of ['b', 'a']) await all.keys.createKey(id, label);
    expect((await all.keys.listKeys(id)).map(({ label }) => label)).toEqual(['b', 'a']);
    expect((await all.keys.listKeys()).length).toBeGreaterThan(2);
  });

  it('leaves a key alone that is already as a file wants it', async () => {
    const all = await house();
    const { id } = await newPool(all);
    const first = await all.keys.ensureKey(id, 'file', { secret: token(2) });
    const again = await all.keys.ensureKey(id, 'file', { secret: token(2) });
    const unnamed = await all.keys.ensureKey(id, 'file');
    expect([first.token, again.token, unnamed.token]).toEqual([token(2), undefined, undefined]);
    expect([again.key.id, unnamed.key.id]).toEqual([first.key.id, first.key.id]);
  });

  it('changes the secret of a key whose file changed; the old one no longer opens', async () => {
    const all = await house();
    const { id } = await newPool(all);
    await all.keys.ensureKey(id, 'rotated', { secret: token(3) });
    expect(await all.codeOf(token(3))).toBe('ok');
    expect((await all.keys.ensureKey(id, 'rotated', { secret: token(4) })).token).toBe(token(4));
    expect([await all.codeOf(token(3)), await all.codeOf(token(4))]).toEqual(['api_key_missing', 'ok']);
  });

  it('does not give a key the secret of another', async () => {
    const all = await house();
    const { id } = await newPool(all);
    await all.keys.ensureKey(id, 'one', { secret: token(5) });
    await all.keys.ensureKey(id, 'two');
    await expect(all.keys.ensureKey(id, 'two', { secret: token(5) })).rejects.toThrow(KeyRefused);
  });

  it('notes the last use, and never moves it back', async () => {
    const all = await house();
    const { key } = await all.keys.createKey((await newPool(all)).id, 'ci');
    const uses = new PoolKeyRepository(all.repository);
    const [late, early] = [new Date('2030-01-01T00:01:00Z'), new Date('2030-01-01T00:00:00Z')];
    await uses.markUsed(key.id, late);
    await uses.markUsed(key.id, early);
    await uses.markUsed(randomUUID() as KeyId, late);
    expect((await all.repository.findOneByOrFail({ id: key.id })).lastUsedAt).toEqual(late);
  });

  it('has entities that say exactly what the migration made', async () => {
    const pending = await database.dataSource().driver.createSchemaBuilder().log();
    expect(pending.upQueries.map(({ query }) => query)).toEqual([]);
  });
});
