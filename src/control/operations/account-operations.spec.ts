import { PoolService, type Pool } from '../../auth/index.js';
import type { PoolId } from '../../core/index.js';
import { AccountAssignments, AccountService } from '../../upstream/index.js';
import { anActor, controlOf } from '../../../test/support/control.js';
import { useGateway } from '../../../test/support/gateway.js';
import { ScriptedUpstream } from '../../../test/support/scripted-upstream/index.js';
import type { AccountView } from '../views/account-view.js';

// A whole gateway starts: a busy machine takes its time.
jest.setTimeout(60_000);

interface Page {
  readonly items: readonly AccountView[];
  readonly next?: string;
}

describe('operations on accounts', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const { run, told, dry, audit } = controlOf(() => gateway);
  let other: Pool;
  const get = (account: string, actor = anActor()) => told<AccountView>('accounts.get', { account }, actor);
  const labels = async (input: object, actor = anActor()): Promise<string[]> =>
    (await told<Page>('accounts.list', input, actor)).items.map(({ label }) => label);
  const bound = (...poolIds: PoolId[]) => anActor({ poolIds });

  /** A new account in these Pools. */
  async function account(label: string, ...pools: Pool[]): Promise<AccountView> {
    const accountId = `acc_${label}`;
    const { login } = upstream.addAccount({ accountId });
    const made = await gateway.get(AccountService).importAuthJson(login.authJson, { label });
    for (const { id } of pools) await gateway.get(AccountAssignments).assign(id, made.account.id);
    return get(label);
  }

  beforeAll(async () => {
    other = await gateway.get(PoolService).createPool('other');
  });

  it('shows an account by its label and its id, without what must not leave', async () => {
    const shown = await account('carol', gateway.pool, other);
    expect(shown).toMatchObject({
      label: 'carol',
      kind: 'codex',
      status: 'active',
      plan: 'pro',
      email: 'ac***@example.test',
      openCalls: 0,
      maxConcurrent: null,
      pools: [
        { pool: 'test', status: 'active', priority: 0 },
        { pool: 'other', status: 'active', priority: 0 },
      ],
    });
    expect(await get(shown.id)).toMatchObject({ id: shown.id });
    const { login } = upstream.accounts.find(({ id }) => id === 'acc_carol') ?? {};
    for (const secret of [login?.accessToken, login?.refreshToken, login?.idToken, 'acc_carol@example.test']) {
      expect(JSON.stringify(shown)).not.toContain(secret);
    }
  });

  it('names a workspace by eight digits that are no part of it', async () => {
    await gateway
      .database()
      .query(`UPDATE upstream_account SET external_workspace_id = 'ws-secret' WHERE label = 'carol'`);
    const { workspaceRef } = await get('carol');
    expect(workspaceRef).toMatch(/^ws:[0-9a-f]{8}$/);
  });

  it('lists accounts oldest first, by Pool, state and name, in pages that stay right while accounts come and go', async () => {
    expect(await labels({})).toEqual(['acc_alice', 'acc_bob', 'carol']);
    expect(await labels({ pool: 'other' })).toEqual(['carol']);
    expect(await labels({ query: 'ALI' })).toEqual(['acc_alice']);
    expect(await labels({ status: 'paused' })).toEqual([]);
    expect(await labels({ kind: 'openai' })).toEqual([]);
    const first = await told<Page>('accounts.list', { limit: 2 });
    expect(first.items.map(({ label }) => label)).toEqual(['acc_alice', 'acc_bob']);
    await account('dave', gateway.pool);
    await run('accounts.delete', { account: 'acc_bob' });
    const rest = await told<Page>('accounts.list', { limit: 2, after: first.next ?? '' });
    expect([rest.items.map(({ label }) => label), rest.next]).toEqual([['carol', 'dave'], undefined]);
  });

  it('shows who is bound to Pools the accounts of those, and their places there only', async () => {
    const mine = bound(other.id);
    expect(await labels({}, mine)).toEqual(['carol']);
    expect((await get('carol', mine)).pools.map(({ pool }) => pool)).toEqual(['other']);
    await expect(get('acc_alice', mine)).rejects.toMatchObject({ code: 'not_found' });
    await expect(get('nobody')).rejects.toMatchObject({ code: 'not_found', message: 'There is no account "nobody".' });
    await expect(labels({ pool: 'test' }, mine)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('keeps who is bound to Pools from changing what serves others, and lets them change its place in theirs', async () => {
    const mine = bound(other.id);
    for (const [name, input] of [
      ['accounts.pause', {}],
      ['accounts.drain', {}],
      ['accounts.delete', {}],
      ['accounts.update', { maxConcurrent: 1 }],
      ['accounts.relink', { authJson: '{}' }],
    ] as const) {
      await expect(run(name, { account: 'carol', ...input }, mine)).rejects.toMatchObject({ code: 'forbidden' });
    }
    await run('accounts.pauseInPool', { account: 'carol', pool: 'other' }, mine);
    expect((await get('carol')).pools.map(({ status }) => status)).toEqual(['active', 'paused']);
    const abroad = { account: 'carol', pool: 'test' };
    await expect(run('accounts.pauseInPool', abroad, mine)).rejects.toMatchObject({ code: 'not_found' });
    await expect(run('accounts.unassign', abroad, mine)).rejects.toMatchObject({ code: 'not_found' });
    await run('accounts.resumeInPool', { account: 'carol', pool: 'other' }, mine);
    await run('accounts.pause', { account: 'dave' }, bound(gateway.pool.id));
    expect(await get('dave')).toMatchObject({ status: 'paused' });
  });

  it('pauses, drains and resumes, and says of what cannot be done why', async () => {
    await expect(run('accounts.drain', { account: 'dave' })).rejects.toMatchObject({
      code: 'conflict',
      reason: 'not_serving',
    });
    expect(await told('accounts.resume', { account: 'dave' })).toMatchObject({ status: 'active' });
    expect(await told('accounts.drain', { account: 'dave' })).toMatchObject({ status: 'draining' });
    await run('accounts.resume', { account: 'dave' });
  });

  it('tells of a pause, a drain and a deletion what they come to, and changes nothing', async () => {
    await account('solo', other);
    await run('accounts.unassign', { account: 'carol', pool: 'other' });
    const before = await get('solo');
    expect(await dry('accounts.drain', { account: 'solo' })).toEqual({
      dryRun: true,
      action: 'account.drain',
      before,
      effects: [
        'Conversations that began with it go on with it; nothing else comes.',
        'No other active account serves Pool other.',
      ],
    });
    expect((await dry('accounts.delete', { account: 'solo' })).effects).toEqual([
      'Its login is wiped, for good.',
      'It leaves Pool other.',
      'No other active account serves Pool other.',
    ]);
    expect((await dry('accounts.pauseInPool', { account: 'solo', pool: 'other' })).effects).toHaveLength(2);
    expect((await dry('accounts.unassign', { account: 'dave', pool: 'test' })).effects).toHaveLength(1);
    await run('accounts.pause', { account: 'solo' });
    await expect(dry('accounts.drain', { account: 'solo' })).rejects.toMatchObject({ reason: 'not_serving' });
    await run('accounts.resume', { account: 'solo' });
    expect(await get('solo')).toMatchObject({ status: 'active', pools: before.pools });
  });

  it('changes a name and a limit, of the version that was seen only', async () => {
    const seen = await run('accounts.get', { account: 'solo' });
    const ifMatch = seen.version ?? '';
    const changed = await run('accounts.update', { account: 'solo', label: 'sole', maxConcurrent: 4 }, anActor(), {
      ifMatch,
    });
    expect(changed.output).toMatchObject({ label: 'sole', maxConcurrent: 4 });
    const again = run('accounts.update', { account: 'sole', maxConcurrent: null }, anActor(), { ifMatch });
    await expect(again).rejects.toMatchObject({ code: 'precondition_failed' });
    const renamed = run('accounts.update', { account: 'sole', label: 'carol' });
    await expect(renamed).rejects.toMatchObject({ code: 'conflict', reason: 'label_taken' });
    await expect(run('accounts.update', { account: 'sole' })).rejects.toMatchObject({ code: 'invalid_input' });
    expect(await get('sole')).toMatchObject({ maxConcurrent: 4 });
  });

  it('has the same version while an account only serves', async () => {
    const { version } = await run('accounts.get', { account: 'sole' });
    await gateway.database().query(`
      UPDATE upstream_account SET last_success_at = now(), cooling_until = now() + interval '1 h', cooling_reason = 'x'
       WHERE label = 'sole'`);
    expect((await run('accounts.get', { account: 'sole' })).version).toBe(version);
  });

  it('puts an account into a Pool, gives it a tier there, and takes it out', async () => {
    const place = { account: 'sole', pool: 'test' };
    await expect(run('accounts.updatePlace', { ...place, priority: 1 })).rejects.toMatchObject({ code: 'conflict' });
    await expect(run('accounts.unassign', place)).rejects.toMatchObject({ code: 'conflict' });
    await run('accounts.assign', { ...place, priority: 2 });
    expect((await get('sole')).pools).toContainEqual(expect.objectContaining({ pool: 'test', priority: 2 }));
    await run('accounts.updatePlace', { ...place, priority: 3 });
    expect((await get('sole')).pools).toContainEqual(expect.objectContaining({ pool: 'test', priority: 3 }));
    expect(await told('accounts.unassign', place)).toMatchObject({ label: 'sole', pool: 'test', assigned: false });
  });

  it('needs the scope to write, and has what was refused in the audit', async () => {
    const reader = anActor({ scopes: ['read'] });
    expect(await labels({}, reader)).toContain('sole');
    await expect(run('accounts.pause', { account: 'sole' }, reader)).rejects.toMatchObject({ code: 'forbidden' });
    expect((await audit())[0]).toMatchObject({ action: 'account.pause', outcome: 'denied' });
    await run('accounts.pause', { account: 'sole' }, anActor({ scopes: ['accounts:write'] }));
    const { id } = await get('sole');
    expect((await audit())[0]).toMatchObject({
      action: 'account.pause',
      outcome: 'success',
      target_type: 'account',
      target_id: id,
      target_label: 'sole',
      pool_id: other.id,
      details: { before: { status: 'active' }, after: { status: 'paused' } },
    });
  });

  it('deletes an account, which nobody finds then', async () => {
    expect(await told('accounts.delete', { account: 'sole' })).toMatchObject({ label: 'sole', status: 'deleted' });
    await expect(get('sole')).rejects.toMatchObject({ code: 'not_found' });
    await expect(run('accounts.delete', { account: 'sole' })).rejects.toMatchObject({ code: 'not_found' });
  });
});
