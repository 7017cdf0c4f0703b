import type { AccountId } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { loginServices } from '../../../test/support/login-services.js';
import { json, ScriptedUpstream } from '../../../test/support/scripted-upstream/index.js';
import { POOL } from '../../../test/support/upstream-services.js';
import type { LoginFlowView } from './login-flow-row.js';

const gate = () => {
  let open = (): void => undefined;
  return { passed: new Promise<void>((pass) => (open = pass)), open: () => open() };
};

const MINUTE_MS = 60_000;
const START_MS = 1_790_000_000_000;

describe('a login in a browser', () => {
  const database = useDatabase();
  const upstream = new ScriptedUpstream();
  /** Two replicas, which share nothing but the database. */
  let one: ReturnType<typeof loginServices>;
  let two: ReturnType<typeof loginServices>;
  let nowMs = START_MS;
  const now = () => nowMs;

  beforeAll(async () => {
    await upstream.start();
    one = loginServices(database.dataSource(), upstream.url);
    two = loginServices(database.dataSource(), upstream.url);
  });
  afterAll(async () => {
    await Promise.all([one.close(), two.close()]);
    await upstream.stop();
  });
  beforeEach(async () => {
    nowMs = START_MS;
    upstream.tokenScript = undefined;
    await database.dataSource().query('TRUNCATE upstream_account, login_flow CASCADE');
  });

  const begun = (label = 'alice'): Promise<LoginFlowView> => one.flows.startBrowser({ label, poolId: POOL }, now);
  const signedIn = (view: LoginFlowView, account = upstream.addAccount()): string =>
    upstream.issuer.signIn(view.authorizeUrl ?? '', account);
  const complete = (services: typeof one, pasted: string, id?: string): Promise<LoginFlowView> =>
    services.flows.complete(pasted, { now, ...(id === undefined ? {} : { id }) });
  const statusOf = async ({ id }: LoginFlowView) => {
    const view = await two.flows.get(id, now);
    return [view?.status, view?.errorCode];
  };

  it('begins with an address that is good for ten minutes', async () => {
    const view = await begun(' alice ');
    expect(view).toMatchObject({ kind: 'browser', purpose: 'link', label: 'alice', status: 'pending', poolId: POOL });
    expect(view.expiresAtMs - view.createdAtMs).toBe(10 * MINUTE_MS);
    const query = new URL(view.authorizeUrl ?? '').searchParams;
    expect(Buffer.from(query.get('state') ?? '', 'base64url')).toHaveLength(32);
  });

  it('is an account of its Pool once the address is pasted, at any replica', async () => {
    const view = await begun();
    const account = upstream.addAccount({ plan: 'team' });
    const done = await complete(two, signedIn(view, account));
    expect(done).toMatchObject({ id: view.id, status: 'completed' });
    expect(done).not.toHaveProperty('authorizeUrl');
    const [linked] = await two.accounts.list(POOL);
    expect(linked).toMatchObject({ id: done.resultAccountId, label: 'alice', plan: 'team', status: 'active' });
    const access = await two.credentials.access({ id: linked?.id as AccountId, credentialEpoch: 1 });
    expect(access.accessToken).toBe(account.login.accessToken);
  });

  it('redeems the code with a verifier of 64 bytes, as a form', async () => {
    await complete(one, signedIn(await begun()));
    const sent = new URLSearchParams(upstream.requests('token').at(-1)?.body.toString());
    expect([...sent.keys()].sort()).toEqual(['client_id', 'code', 'code_verifier', 'grant_type', 'redirect_uri']);
    expect(Buffer.from(sent.get('code_verifier') ?? '', 'base64url')).toHaveLength(64);
  });

  it('shows everything again after a reload, at another replica', async () => {
    const view = await begun();
    expect(await two.flows.get(view.id, now)).toEqual(view);
    const { authorizeUrl: _, ...listed } = view;
    expect(await two.flows.list(now)).toEqual([listed]);
  });

  it('is redeemed once however often and wherever the address is pasted', async () => {
    const pasted = signedIn(await begun());
    const before = upstream.tokenCalls;
    const results = await Promise.allSettled([one, two, one, two].map((services) => complete(services, pasted)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'flow_not_pending', status: 409 });
    }
    await expect(complete(two, pasted)).rejects.toMatchObject({ code: 'flow_not_pending' });
    expect(upstream.tokenCalls - before).toBe(1);
  });

  it('fails with the word of a provider that let nobody in', async () => {
    const view = await begun();
    const pasted = upstream.issuer.refuse(view.authorizeUrl ?? '');
    await expect(complete(two, pasted)).rejects.toMatchObject({ code: 'provider_refused', reason: 'access_denied' });
    expect(await statusOf(view)).toEqual(['failed', 'access_denied']);
  });

  it('fails when the provider does not take the code, and quotes nothing', async () => {
    const view = await begun();
    const other = await begun('bob');
    // The code of one login with the state of another.
    const mixed = new URL(signedIn(view));
    mixed.searchParams.set('state', new URL(other.authorizeUrl ?? '').searchParams.get('state') ?? '');
    const refused = complete(one, mixed.href);
    await expect(refused).rejects.toMatchObject({
      code: 'token_exchange_failed',
      reason: 'invalid_grant',
      status: 502,
    });
    await expect(refused).rejects.not.toThrow(mixed.searchParams.get('code') ?? '');
    expect(await statusOf(other)).toEqual(['failed', 'token_exchange_failed']);
    expect((await statusOf(view))[0]).toBe('pending');
  });

  it.each([
    ['an error', json(500, {}), 'token_exchange_failed'],
    ['no refresh token', json(200, { access_token: 'a.e30.c' }), 'login_unusable'],
    ['tokens that nobody can read', json(200, { access_token: 'a', refresh_token: 'r' }), 'login_unusable'],
  ])('makes no account of %s', async (_, reply, code) => {
    const view = await begun();
    upstream.tokenScript = () => reply;
    await expect(complete(one, signedIn(view))).rejects.toMatchObject({ code });
    expect(await statusOf(view)).toEqual(['failed', code]);
    expect(await one.accounts.list()).toEqual([]);
  });

  it('is over after ten minutes, whoever looks', async () => {
    const view = await begun();
    const pasted = signedIn(view);
    nowMs += 10 * MINUTE_MS;
    await expect(complete(one, pasted)).rejects.toMatchObject({ code: 'flow_expired', status: 409 });
    expect(await two.flows.get(view.id, now)).toEqual(
      expect.objectContaining({ status: 'expired', errorCode: 'flow_expired' }),
    );
    expect(await two.flows.list(now)).toEqual([]);
  });

  it('is over when it is cancelled, and only a pending one can be', async () => {
    const view = await begun();
    expect((await two.flows.cancel(view.id, now)).status).toBe('cancelled');
    await expect(complete(one, signedIn(view))).rejects.toMatchObject({ code: 'flow_not_pending' });
    await expect(two.flows.cancel(view.id, now)).rejects.toMatchObject({ code: 'flow_not_pending' });
    await expect(one.flows.cancel('nobody', now)).rejects.toMatchObject({ code: 'flow_unknown' });
  });

  it('takes no address of another login, and none that began elsewhere', async () => {
    const view = await begun();
    const other = await begun('bob');
    await expect(complete(one, signedIn(other), view.id)).rejects.toMatchObject({ code: 'flow_mismatch' });
    const elsewhere = 'http://localhost:1455/auth/callback?code=c&state=s';
    await expect(complete(one, elsewhere)).rejects.toMatchObject({ code: 'flow_unknown' });
    expect([await statusOf(view), await statusOf(other)]).toEqual([
      ['pending', undefined],
      ['pending', undefined],
    ]);
  });

  it('does not begin for a label that is none, or somebody has, or an account that is not there', async () => {
    await complete(one, signedIn(await begun()));
    await expect(begun()).rejects.toMatchObject({ code: 'label_taken', status: 409 });
    await expect(begun('  ')).rejects.toMatchObject({ code: 'label_invalid', status: 400 });
    const relink = '00000000-0000-4000-8000-00000000dead' as AccountId;
    await expect(one.flows.startBrowser({ relink }, now)).rejects.toMatchObject({ code: 'account_unknown' });
  });

  it('gives an account new credentials that had lost its own', async () => {
    const account = upstream.addAccount();
    const { resultAccountId: id } = await complete(one, signedIn(await begun(), account));
    await database.dataSource().query(`UPDATE upstream_account SET status = 'login_required'`);
    const again = await one.flows.startBrowser({ relink: id as AccountId }, now);
    expect(again).toMatchObject({ purpose: 'relink', label: 'alice', accountId: id });
    const done = await complete(two, signedIn(again, account));
    expect(done.resultAccountId).toBe(id);
    expect(await one.accounts.findByLabel('alice')).toMatchObject({ status: 'active', credentialEpoch: 2 });
  });

  it('gives an account no credentials of somebody else', async () => {
    const account = upstream.addAccount();
    const { resultAccountId: id } = await complete(one, signedIn(await begun(), account));
    const again = await one.flows.startBrowser({ relink: id as AccountId }, now);
    const stranger = complete(two, signedIn(again, upstream.addAccount()));
    await expect(stranger).rejects.toMatchObject({ code: 'identity_mismatch', status: 409 });
    expect(await statusOf(again)).toEqual(['failed', 'identity_mismatch']);
    const access = await one.credentials.access({ id: id as AccountId, credentialEpoch: 1 });
    expect(access.accessToken).toBe(account.login.accessToken);
  });

  it('has failed with a clear word when who redeemed the code does not come back', async () => {
    const redeemed = gate();
    const link = () => {
      redeemed.open();
      return new Promise<never>(() => undefined);
    };
    const dying = loginServices(database.dataSource(), upstream.url, { link, relink: link });
    const view = await begun();
    const pasted = signedIn(view);
    void complete(dying, pasted);
    await redeemed.passed;
    expect(await statusOf(view)).toEqual(['exchanging', undefined]);
    await expect(complete(two, pasted)).rejects.toMatchObject({ code: 'flow_not_pending' });
    await expect(two.flows.cancel(view.id, now)).rejects.toMatchObject({ code: 'flow_not_pending' });
    nowMs += 2 * MINUTE_MS;
    expect(await statusOf(view)).toEqual(['failed', 'exchange_interrupted']);
    expect(await two.accounts.list()).toEqual([]);
    await dying.close();
  });

  it('keeps no secret once it is over', async () => {
    const [done, left] = [await begun(), await begun('bob')];
    await complete(one, signedIn(done));
    const kept = await database
      .dataSource()
      .query<object[]>(
        'SELECT id, num_nonnulls(state, verifier, device_auth_id) AS secrets FROM login_flow ORDER BY created_at, label',
      );
    expect(kept).toEqual([
      { id: done.id, secrets: 0 },
      { id: left.id, secrets: 2 },
    ]);
  });

  it('is forgotten a week after its end, and not while it goes on', async () => {
    const over = await begun();
    await two.flows.cancel(over.id, now);
    nowMs += 7 * 24 * 60 * MINUTE_MS;
    expect(await two.polls.sweep(now)).toBe(0);
    const pending = await begun();
    nowMs += 1;
    expect(await two.polls.sweep(now)).toBe(1);
    expect(await two.flows.get(over.id, now)).toBeUndefined();
    expect((await statusOf(pending))[0]).toBe('pending');
  });
});
