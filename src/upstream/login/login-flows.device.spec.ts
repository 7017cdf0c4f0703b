import { Logger } from '@nestjs/common';
import { useDatabase } from '../../../test/support/database.js';
import { loginServices } from '../../../test/support/login-services.js';
import { json, ScriptedUpstream } from '../../../test/support/scripted-upstream/index.js';
import { POOL } from '../../../test/support/upstream-services.js';
import type { LoginFlowView } from './login-flow-row.js';

const MINUTE_MS = 60_000;

describe('a login by device code', () => {
  const database = useDatabase();
  const upstream = new ScriptedUpstream();
  /** Two replicas, which share nothing but the database. */
  let one: ReturnType<typeof loginServices>;
  let two: ReturnType<typeof loginServices>;
  let nowMs = 0;
  const now = () => nowMs;

  beforeAll(async () => {
    // A provider that fails is worth a log line.
    Logger.overrideLogger(false);
    await upstream.start();
    one = loginServices(database.dataSource(), upstream.url);
    two = loginServices(database.dataSource(), upstream.url);
  });
  afterAll(async () => {
    await Promise.all([one.close(), two.close()]);
    await upstream.stop();
  });
  beforeEach(async () => {
    // The issuer says by its own clock until when a code is good.
    nowMs = Math.floor(Date.now() / 1_000) * 1_000;
    upstream.issuer.interval = '5';
    upstream.issuer.pollReplies.length = 0;
    one.added.length = 0;
    await database.dataSource().query('TRUNCATE upstream_account, login_flow CASCADE');
  });

  const begun = (label = 'alice'): Promise<LoginFlowView> => one.flows.startDevice({ label, poolId: POOL }, now);
  const polls = () => upstream.count('device-poll');
  const polled = async ({ id }: LoginFlowView, services = two): Promise<LoginFlowView> => {
    const view = await services.flows.poll(id, now);
    if (view === undefined) throw new Error('The login is gone.');
    return view;
  };
  const waitsMs = ({ pollAfterMs = 0 }: LoginFlowView): number => pollAfterMs - nowMs;

  it('begins with a code to type, and where', async () => {
    const view = await begun();
    expect(view).toMatchObject({ kind: 'device', status: 'pending', label: 'alice', poolId: POOL });
    expect(view.userCode).toMatch(/^[0-9A-F]{4}-[0-9A-F]{6}$/);
    expect(view.verificationUri).toBe(`${upstream.url}/codex/device`);
    expect([waitsMs(view), view.expiresAtMs - nowMs]).toEqual([5_000, 10 * MINUTE_MS]);
    expect(await two.flows.get(view.id, now)).toEqual(view);
  });

  it('asks a worker to poll, by the id of the login alone', async () => {
    const { id } = await begun();
    expect(one.added).toEqual([{ name: 'login-poll', data: { flowId: id } }]);
  });

  it('does not poll before it is time', async () => {
    const view = await begun();
    const before = polls();
    nowMs += 4_999;
    expect(await polled(view)).toEqual(view);
    expect(polls()).toBe(before);
  });

  it('waits as long as nobody has typed the code', async () => {
    const view = await begun();
    nowMs += 5_000;
    expect(waitsMs(await polled(view))).toBe(5_000);
    nowMs += 5_000;
    upstream.issuer.pollReplies.push(json(400, { error: 'authorization_pending' }));
    expect(await polled(view)).toMatchObject({ status: 'pending', userCode: view.userCode });
  });

  it('waits five seconds more each time it is told to slow down', async () => {
    const view = await begun();
    upstream.issuer.pollReplies.push(json(400, { error: 'slow_down' }), json(429, { error: { code: 'slow_down' } }));
    nowMs += 5_000;
    expect(waitsMs(await polled(view))).toBe(10_000);
    nowMs += 10_000;
    expect(waitsMs(await polled(view))).toBe(15_000);
    nowMs += 15_000;
    expect(waitsMs(await polled(view))).toBe(15_000);
  });

  it('polls again after the provider failed', async () => {
    const view = await begun();
    upstream.issuer.pollReplies.push(json(500, { secret: 'x' }));
    nowMs += 5_000;
    const after = await polled(view);
    expect([after.status, waitsMs(after)]).toEqual(['pending', 5_000]);
  });

  it('is an account once somebody has typed the code', async () => {
    const view = await begun();
    const account = upstream.addAccount();
    upstream.issuer.type(view.userCode ?? '', account);
    nowMs += 5_000;
    const done = await polled(view);
    expect(done).toMatchObject({ status: 'completed', resultAccountId: expect.any(String) });
    expect(done).not.toHaveProperty('userCode');
    expect(await two.accounts.list(POOL)).toMatchObject([{ id: done.resultAccountId, label: 'alice' }]);
    const sent = new URLSearchParams(upstream.requests('token').at(-1)?.body.toString());
    expect(sent.get('redirect_uri')).toBe(`${upstream.url}/deviceauth/callback`);
  });

  it('is polled and redeemed once when all replicas poll at the same time', async () => {
    const view = await begun();
    upstream.issuer.type(view.userCode ?? '', upstream.addAccount());
    nowMs += 5_000;
    const before = [polls(), upstream.tokenCalls];
    await Promise.all([one, two, one, two].map((services) => polled(view, services)));
    expect([polls(), upstream.tokenCalls]).toEqual(before.map((count) => count + 1));
    expect((await polled(view)).status).toBe('completed');
    expect(await one.accounts.list()).toHaveLength(1);
  });

  it.each([
    ['denied', 'access_denied'],
    ['expired', 'expired_token'],
  ])('fails when it is %s at the provider', async (_, error) => {
    const view = await begun();
    upstream.issuer.pollReplies.push(json(400, { error }));
    nowMs += 5_000;
    expect(await polled(view)).toMatchObject({ status: 'failed', errorCode: error });
  });

  it('fails when the login it gives is somebody else’s than the account’s', async () => {
    const first = await begun();
    upstream.issuer.type(first.userCode ?? '', upstream.addAccount());
    nowMs += 5_000;
    const { resultAccountId } = await polled(first);
    if (resultAccountId === undefined) throw new Error('There is no account.');
    const again = await one.flows.startDevice({ relink: resultAccountId }, now);
    upstream.issuer.type(again.userCode ?? '', upstream.addAccount());
    nowMs += 5_000;
    expect(await polled(again)).toMatchObject({ status: 'failed', errorCode: 'identity_mismatch' });
  });

  it('makes no account when it is cancelled while the provider says yes', async () => {
    const view = await begun();
    upstream.issuer.type(view.userCode ?? '', upstream.addAccount());
    nowMs += 5_000;
    const before = upstream.tokenCalls;
    upstream.issuer.pollReplies.push({
      send: async (wire) => {
        await one.flows.cancel(view.id, now);
        await json(200, { authorization_code: 'c', code_verifier: 'v' }).send(wire);
      },
    });
    expect((await polled(view)).status).toBe('cancelled');
    expect(upstream.tokenCalls).toBe(before);
  });

  it('is over after ten minutes, and not polled any more', async () => {
    const view = await begun();
    nowMs += 10 * MINUTE_MS;
    const before = polls();
    expect(await polled(view)).toMatchObject({ status: 'expired', errorCode: 'flow_expired' });
    expect(polls()).toBe(before);
  });

  it('goes on in another process when the one that polls dies', async () => {
    const view = await begun();
    nowMs += 5_000;
    upstream.issuer.pollReplies.push({ send: () => new Promise<never>(() => undefined) });
    const arrived = polls() + 1;
    void one.flows.poll(view.id, now).catch(() => undefined);
    while (polls() < arrived) await new Promise(setImmediate);
    upstream.issuer.type(view.userCode ?? '', upstream.addAccount());
    nowMs += 59_000;
    expect((await polled(view)).status).toBe('pending');
    expect(polls()).toBe(arrived);
    nowMs += 1_000;
    expect((await polled(view)).status).toBe('completed');
  });

  it('does not begin when the provider gives no codes', async () => {
    const off = loginServices(database.dataSource(), `${upstream.url}/nothing`);
    await expect(off.flows.startDevice({ label: 'alice' }, now)).rejects.toMatchObject({
      code: 'device_login_unavailable',
      status: 400,
    });
    await off.close();
    const away = loginServices(database.dataSource(), 'http://127.0.0.1:1');
    await expect(away.flows.startDevice({ label: 'alice' }, now)).rejects.toMatchObject({
      code: 'provider_unavailable',
      status: 502,
    });
    await away.close();
    expect(await one.flows.list(now)).toEqual([]);
  });

  it('is followed by a worker from poll to poll, to its end', async () => {
    const view = await begun();
    two.added.length = 0;
    nowMs += 5_000;
    expect(await two.polls.poll(view.id, now)).toBe('pending');
    expect(two.added).toEqual([{ name: 'login-poll', data: { flowId: view.id } }]);
    upstream.issuer.type(view.userCode ?? '', upstream.addAccount());
    nowMs += 5_000;
    two.added.length = 0;
    expect(await two.polls.poll(view.id, now)).toBe('completed');
    expect(two.added.filter(({ name }) => name === 'login-poll')).toEqual([]);
    expect(await two.polls.poll('00000000-0000-4000-8000-000000000000', now)).toBe('gone');
  });

  it('is taken up again by a sweep when its job was lost', async () => {
    const { id } = await begun();
    two.added.length = 0;
    await two.polls.sweep(now);
    expect(two.added).toEqual([{ name: 'login-poll', data: { flowId: id } }]);
  });
});
