import { PoolService, type Pool } from '../../auth/index.js';
import { LoginFlows } from '../../upstream/index.js';
import { anActor, controlOf } from '../../../test/support/control.js';
import { eventually } from '../../../test/support/eventually.js';
import { useGateway } from '../../../test/support/gateway.js';
import { ScriptedUpstream } from '../../../test/support/scripted-upstream/index.js';
import type { LoginView } from '../views/login-view.js';

// A whole gateway starts: a busy machine takes its time.
jest.setTimeout(60_000);

const signInAddress = ({ authorizeUrl }: LoginView): string => authorizeUrl ?? '';

describe('operations on logins', () => {
  const upstream = new ScriptedUpstream();
  const gateway = useGateway({ upstream });
  const { run, told, audit } = controlOf(() => gateway);
  let other: Pool;
  const begun = (input: object, kind = 'browser', actor = anActor()) => told<LoginView>(`logins.${kind}`, input, actor);
  const get = (login: string, actor = anActor()) => told<LoginView>('logins.get', { login }, actor);
  const complete = (login: string, callback: string) => told<LoginView>('logins.complete', { login, callback });
  beforeAll(async () => {
    other = await gateway.get(PoolService).createPool('other');
  });

  it('begin one in a browser, show it again, and end it with the address that was pasted', async () => {
    const login = await begun({ label: 'carol', pool: 'test' });
    expect(login).toMatchObject({ kind: 'browser', purpose: 'link', status: 'pending', poolId: gateway.pool.id });
    expect(await get(login.id)).toEqual(login);
    const callback = upstream.issuer.signIn(signInAddress(login), upstream.addAccount());
    const done = await complete(login.id, callback);
    expect(done).toMatchObject({ status: 'completed', authorizeUrl: null, problem: null });
    expect(await told('accounts.get', { account: done.resultAccountId ?? '' })).toMatchObject({
      label: 'carol',
      pools: [{ pool: 'test' }],
    });
    await expect(complete(login.id, callback)).rejects.toMatchObject({ code: 'conflict', reason: 'flow_not_pending' });
  });

  it('keep addresses, codes and what was pasted out of the audit', async () => {
    const login = await begun({ label: 'dave', pool: 'test' });
    const callback = upstream.issuer.signIn(signInAddress(login), upstream.addAccount());
    await complete(login.id, callback);
    expect((await audit())[0]).toMatchObject({
      action: 'account.login.complete',
      target_type: 'login',
      target_label: 'dave',
      pool_id: gateway.pool.id,
      outcome: 'success',
    });
    const device = await begun({ label: 'typed', pool: 'test' }, 'device');
    const kept = JSON.stringify(await gateway.database().query('SELECT * FROM audit_event'));
    const state = new URL(signInAddress(login)).searchParams.get('state') ?? '';
    const code = new URL(callback).searchParams.get('code') ?? '';
    expect([state, code, device.userCode].map((text) => (text ?? '').length > 5)).toEqual([true, true, true]);
    for (const secret of [state, code, device.userCode]) expect(kept).not.toContain(secret);
  });

  it('see one by code through, for a client that only looks', async () => {
    const login = await begun({ label: 'erin', pool: 'test' }, 'device');
    expect(login).toMatchObject({ kind: 'device', status: 'pending', verificationUri: `${upstream.url}/codex/device` });
    upstream.issuer.type(login.userCode ?? '', upstream.addAccount());
    await eventually(async () => expect(await get(login.id)).toMatchObject({ status: 'completed', userCode: null }), {
      withinMs: 20_000,
    });
  });

  it('that a token of one Pool began ends at no account of another', async () => {
    const [alice] = upstream.accounts;
    const mine = anActor({ poolIds: [other.id] });
    const login = await begun({ label: 'mine', pool: 'other' }, 'device', mine);
    upstream.issuer.type(login.userCode ?? '', alice ?? upstream.addAccount());
    await eventually(
      async () => expect(await get(login.id, mine)).toMatchObject({ status: 'failed', errorCode: 'serves_elsewhere' }),
      { withinMs: 20_000 },
    );
    const all = await told<{ items: { label: string; pools: { pool: string }[] }[] }>('accounts.list', {});
    expect(all.items.filter(({ pools }) => pools.some(({ pool }) => pool === 'other'))).toEqual([]);
    const own = await begun({ label: 'ours', pool: 'other' }, 'device', mine);
    upstream.issuer.type(own.userCode ?? '', upstream.addAccount());
    await eventually(async () => expect(await get(own.id, mine)).toMatchObject({ status: 'completed' }), {
      withinMs: 20_000,
    });
  });

  it('say why one came to nothing', async () => {
    const login = await begun({ label: 'frank', pool: 'test' }, 'device');
    upstream.issuer.type(login.userCode ?? '', 'denied');
    await eventually(
      async () =>
        expect(await get(login.id)).toMatchObject({
          status: 'failed',
          errorCode: 'access_denied',
          problem: 'The provider refused the login: access_denied.',
        }),
      { withinMs: 20_000 },
    );
  });

  it('give an account a new login of the same person only', async () => {
    const person = upstream.addAccount();
    const first = await begun({ label: 'grace', pool: 'test' });
    await complete(first.id, upstream.issuer.signIn(signInAddress(first), person));
    const relink = await begun({ account: 'grace' });
    expect(relink).toMatchObject({ purpose: 'relink', label: 'grace' });
    const stranger = complete(relink.id, upstream.issuer.signIn(signInAddress(relink), upstream.addAccount()));
    await expect(stranger).rejects.toMatchObject({ code: 'conflict', reason: 'identity_mismatch' });
    const again = await begun({ account: 'grace' });
    expect(await complete(again.id, upstream.issuer.signIn(signInAddress(again), person))).toMatchObject({
      status: 'completed',
    });
  });

  it('give one up, and only say so when it is tried dry', async () => {
    const login = await begun({ label: 'henry', pool: 'test' });
    const tried = await run('logins.cancel', { login: login.id }, anActor(), { dryRun: true });
    expect(tried.output).toMatchObject({ dryRun: true, before: { id: login.id } });
    expect(await get(login.id)).toMatchObject({ status: 'pending' });
    expect(await told('logins.cancel', { login: login.id })).toMatchObject({ status: 'cancelled' });
    await expect(run('logins.cancel', { login: login.id })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('list those that are not over, without the address to sign in at', async () => {
    const login = await begun({ label: 'iris', pool: 'test' });
    const { items } = await told<{ items: LoginView[] }>('logins.list');
    expect(items.find(({ id }) => id === login.id)).toMatchObject({ label: 'iris', authorizeUrl: null });
    expect(items.every(({ status }) => status === 'pending')).toBe(true);
  });

  it.each([
    ['an address that is none', { callback: 'https://example.com/' }, 'unprocessable', 'callback_invalid'],
    ['a login of another', { callback: '' }, 'unprocessable', 'flow_mismatch'],
  ])('refuse %s, and wait for a better one', async (_, { callback }, code, reason) => {
    const login = await begun({ label: `j-${reason}`, pool: 'test' });
    const another = await begun({ label: `k-${reason}`, pool: 'test' });
    const given = callback || upstream.issuer.signIn(signInAddress(another), upstream.addAccount());
    await expect(complete(login.id, given)).rejects.toMatchObject({ code, reason });
    expect(await get(login.id)).toMatchObject({ status: 'pending' });
  });

  it('need to be told who is to be signed in', async () => {
    for (const input of [{}, { label: 'x', account: 'grace' }, { account: 'grace', pool: 'test' }]) {
      await expect(begun(input)).rejects.toMatchObject({ code: 'invalid_input' });
    }
    const taken = begun({ label: 'grace', pool: 'test' });
    await expect(taken).rejects.toMatchObject({ code: 'conflict', reason: 'label_taken' });
  });

  it('show who is bound to Pools those of their Pools, and begin none elsewhere', async () => {
    const mine = anActor({ poolIds: [other.id] });
    const [ours, theirs] = [await begun({ label: 'l', pool: 'other' }), await begun({ label: 'm', pool: 'test' })];
    const { items } = await told<{ items: LoginView[] }>('logins.list', {}, mine);
    expect(items.map(({ id }) => id)).toEqual([ours.id]);
    await expect(get(theirs.id, mine)).rejects.toMatchObject({ code: 'not_found' });
    for (const name of ['logins.cancel', 'logins.complete']) {
      const input = { login: theirs.id, ...(name === 'logins.complete' ? { callback: 'x' } : {}) };
      await expect(run(name, input, mine)).rejects.toMatchObject({ code: 'not_found' });
    }
    await expect(begun({ label: 'n', pool: 'test' }, 'browser', mine)).rejects.toMatchObject({ code: 'not_found' });
    await expect(begun({ label: 'n' }, 'browser', mine)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(begun({ account: 'grace' }, 'browser', mine)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are for those who may write accounts: their addresses let somebody else sign in', async () => {
    const reader = anActor({ scopes: ['read', 'keys:write'] });
    await expect(told('logins.list', {}, reader)).rejects.toMatchObject({ code: 'forbidden' });
    const [open] = await gateway.get(LoginFlows).list();
    await expect(get(open?.id ?? '', reader)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(get('no-such-login')).rejects.toMatchObject({ code: 'not_found' });
  });
});
