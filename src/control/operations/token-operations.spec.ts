import { useDatabase } from '../../../test/support/database.js';
import { AskedOperations, holder } from '../../../test/support/asked-operations.js';
import { AUTH_ENTITIES, authServices } from '../../../test/support/auth-services.js';
import { OperatorToken } from '../../auth/index.js';
import type { PoolId } from '../../core/index.js';
import type { TokenView } from '../views/token-view.js';
import { TokenOperations } from './token-operations.service.js';

const MINTED = /^opr-cxp-[0-9a-f]{12}-[\w-]{43}$/;

describe('the operations on tokens', () => {
  const database = useDatabase(AUTH_ENTITIES);
  const rows = <T extends object>(entity: new () => T) => database.dataSource().getRepository(entity);
  let operations: AskedOperations;
  const create = (input: object) => operations.ask<TokenView & { token: string }>('tokens.create', input);
  const labels = async (input: object = {}, as = holder(['admin'])) =>
    (await operations.ask<{ items: TokenView[] }>('tokens.list', input, { as })).items.map(({ label }) => label);
  let team: PoolId;

  beforeAll(async () => {
    const { tokens, pools, named } = authServices(database.dataSource());
    operations = new AskedOperations(database.dataSource(), [new TokenOperations(tokens, pools, named)]);
    team = (await pools.createPool('team')).id;
    await pools.createPool('other');
  });
  afterEach(() => rows(OperatorToken).clear());

  it('make one, show its secret once, and keep a fingerprint of that only', async () => {
    const done = await operations.done('tokens.create', { label: 'ci', scopes: ['keys:write'], pools: ['team'] });
    expect(done).toMatchObject({
      status: 201,
      output: {
        label: 'ci',
        kind: 'operator',
        status: 'active',
        scopes: ['keys:write'],
        pools: ['team'],
        poolIds: [team],
      },
    });
    const { token, id } = done.output as { token: string; id: string };
    expect(token).toMatch(MINTED);
    expect(await operations.ask('tokens.get', { token: 'ci' })).not.toHaveProperty('token');
    expect((await operations.events('token.create')).at(-1)).toMatchObject({
      outcome: 'success',
      target_type: 'token',
      target_id: id,
      target_label: 'ci',
      pool_id: team,
      details: { after: { token: expect.stringMatching(/^sha256:[0-9a-f]{12}$/) } },
    });
    expect(await operations.trail()).not.toContain(token.slice(21));
  });

  it('make one only once under one Idempotency-Key', async () => {
    const asked = () => operations.ask('tokens.create', { label: 'once' }, { idempotencyKey: 'k' });
    expect(await asked()).toEqual(await asked());
    expect(await labels()).toEqual(['once']);
  });

  it('refuse what makes no sense, and what is there already', async () => {
    await create({ label: 'ci' });
    const refusal = (input: object) => operations.refusalOf('tokens.create', input);
    expect(await refusal({ label: 'ci' })).toBe('conflict: There is already a token labelled "ci".');
    expect(await refusal({ label: 'x', scopes: ['mcp:read'] })).toMatch(
      /^unprocessable: The scopes of an operator token/,
    );
    expect(await refusal({ label: 'x', scopes: ['root'] })).toMatch(
      /^invalid_input: scopes\.0: .*scopes of an operator token/,
    );
    expect(await refusal({ label: 'x', pools: ['nowhere'] })).toBe('not_found: There is no Pool "nowhere".');
    expect(await refusal({ label: 'x', secret: 'y' })).toMatch(/^invalid_input: secret/);
  });

  it('need the scope admin to change one, and any scope to see them', async () => {
    const { id } = await create({ label: 'ci' });
    for (const [name, input] of [
      ['tokens.create', { label: 'x' }],
      ['tokens.rotate', { token: id }],
      ['tokens.enable', { token: id }],
      ['tokens.disable', { token: id }],
      ['tokens.revoke', { token: id }],
    ] as const) {
      const as = holder(['read', 'pools:write', 'accounts:write', 'keys:write', 'mcp:write']);
      expect(await operations.refusalOf(name, input, { as })).toBe('forbidden: This needs the scope admin.');
    }
    expect(await labels({}, holder(['keys:write']))).toEqual(['ci']);
    expect(await operations.events('token.revoke')).toMatchObject([{ outcome: 'denied' }]);
  });

  it('of somebody who is bound to Pools give no more than those, and touch nothing that has more', async () => {
    await create({ label: 'all' });
    await create({ label: 'both', pools: ['team', 'other'] });
    await create({ label: 'elsewhere', pools: ['other'] });
    const bound = { as: holder(['admin'], [team]) };
    expect(await operations.refusalOf('tokens.create', { label: 'x' }, bound)).toMatch(/^forbidden: /);
    for (const given of [['other'], ['team', 'other']]) {
      const refused = await operations.refusalOf('tokens.create', { label: 'x', pools: given }, bound);
      expect(refused).toBe('not_found: There is no Pool "other".');
    }
    await operations.done('tokens.create', { label: 'mine', scopes: ['admin'], pools: ['team'] }, bound);
    expect(await labels({}, bound.as)).toEqual(['mine']);
    for (const token of ['all', 'both', 'elsewhere']) {
      for (const name of ['get', 'rotate', 'enable', 'disable', 'revoke']) {
        expect(await operations.refusalOf(`tokens.${name}`, { token }, bound)).toMatch(/^not_found: /);
      }
    }
    expect(await operations.ask('tokens.revoke', { token: 'mine' }, bound)).toMatchObject({ status: 'revoked' });
  });

  it('rotate one with an overlap, disable, enable and revoke it', async () => {
    const { prefix, token } = await create({ label: 'ci' });
    const before = Date.now();
    const rotated = await operations.ask<TokenView & { token: string }>('tokens.rotate', {
      token: 'ci',
      overlapSeconds: 900,
    });
    expect([rotated.previousPrefix, rotated.token === token]).toEqual([prefix, false]);
    expect(Date.parse(rotated.previousUntil ?? '')).toBeGreaterThanOrEqual(before + 899_000);
    const turn = (verb: string) => operations.ask('tokens.' + verb, { token: 'ci' });
    expect([await turn('disable'), await turn('enable')]).toMatchObject([{ status: 'disabled' }, { status: 'active' }]);
    expect([await turn('revoke'), await turn('revoke')]).toMatchObject([{ status: 'revoked' }, { status: 'revoked' }]);
    for (const verb of ['rotate', 'enable', 'disable']) {
      expect(await operations.refusalOf(`tokens.${verb}`, { token: 'ci' })).toMatch(
        /^conflict: .* was revoked: make a new one/,
      );
    }
  });

  it.each(['rotate', 'disable', 'revoke'])('tried dry change nothing: %s', async (verb) => {
    await create({ label: 'ci' });
    const before = await operations.ask('tokens.get', { token: 'ci' });
    const events = await operations.trail();
    const dry = await operations.ask(`tokens.${verb}`, { token: 'ci' }, { dryRun: true });
    expect(dry).toMatchObject({ dryRun: true, action: `token.${verb}`, before, effects: [expect.any(String)] });
    expect(await operations.ask('tokens.get', { token: 'ci' })).toEqual(before);
    expect(await operations.trail()).toBe(events);
  });

  it('change one only as it was known, whenever it was used last', async () => {
    const { id } = await create({ label: 'ci' });
    const { version = '' } = await operations.done('tokens.get', { token: 'ci' });
    await rows(OperatorToken).update({ id: id as never }, { lastUsedAt: new Date() });
    const disabled = await operations.done('tokens.disable', { token: id }, { ifMatch: version });
    expect(disabled.version).not.toBe(version);
    expect(await operations.refusalOf('tokens.enable', { token: id }, { ifMatch: version })).toMatch(
      /^precondition_failed: /,
    );
  });

  it('list them page by page, also while some come', async () => {
    for (const label of ['a', 'b', 'c']) await create({ label });
    await create({ label: 'm', kind: 'mcp' });
    const page = await operations.ask<{ items: TokenView[]; next: string }>('tokens.list', { limit: 2 });
    await create({ label: 'd' });
    expect([page.items.map(({ label }) => label), await labels({ after: page.next })]).toEqual([
      ['a', 'b'],
      ['c', 'm', 'd'],
    ]);
    expect(await labels({ kind: 'mcp' })).toEqual(['m']);
    expect(await operations.ask('tokens.get', { token: 'm' })).not.toHaveProperty('digest');
  });

  it('know that the label of two is none', async () => {
    await create({ label: 'same' });
    await create({ label: 'same', kind: 'mcp' });
    expect(await operations.refusalOf('tokens.get', { token: 'same' })).toMatch(/^not_found: .* or more than one\.$/);
  });
});
