import {
  collect,
  from,
  GatewayError,
  LoginRequired,
  type EventBatch,
  type UpstreamSocket,
  noQuota,
} from '../core/index.js';
import { useDatabase } from '../../test/support/database.js';
import { fakeLogin } from '../../test/support/fake-login.js';
import { aCall, emptyAnswer, FakeKind, POOL, upstreamServices } from '../../test/support/upstream-services.js';

const signal = new AbortController().signal;
const rotated = fakeLogin({ generation: 1 });
const unauthorized = () =>
  new GatewayError('upstream_account_rejected', 'no', { upstreamStatus: 401, cooldownMs: 300_000 });
const batch = (type: string): EventBatch => {
  const raw = Buffer.from(type);
  return { raw, events: [{ type, raw, json: () => undefined }] };
};

class FakeSocket implements UpstreamSocket {
  usable = true;
  onTurn: UpstreamSocket['turn'] = async () => emptyAnswer();

  turn(...args: Parameters<UpstreamSocket['turn']>) {
    return this.onTurn(...args);
  }

  async send(): Promise<void> {}

  close(): void {
    this.usable = false;
  }
}

describe("an account's websocket", () => {
  const database = useDatabase();
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account CASCADE'));

  const start = async () => {
    const kind = new FakeKind();
    const socket = new FakeSocket();
    const seen: string[] = [];
    kind.onConnect = async ({ accessToken }) => {
      seen.push(accessToken);
      return socket;
    };
    kind.onRefresh = async () => ({ accessToken: rotated.accessToken, refreshToken: rotated.refreshToken });
    const { pool, accounts, quota } = upstreamServices(database.dataSource(), kind);
    await accounts.importAuthJson(fakeLogin().authJson, { label: 'alice', poolId: POOL });
    const account = async () => {
      const [only] = await pool.snapshot(POOL);
      if (!only) throw new Error('no account in the snapshot');
      return only;
    };
    const connect = async () => pool.connect(await account(), aCall(), signal);
    return { kind, pool, socket, seen, account, connect, quota };
  };

  it('is asked for again with new credentials when the old ones are refused', async () => {
    const { kind, socket, seen, connect } = await start();
    kind.onConnect = async ({ accessToken }) => {
      seen.push(accessToken);
      if (seen.length === 1) throw unauthorized();
      return socket;
    };
    await connect();
    expect(seen).toEqual([fakeLogin().accessToken, rotated.accessToken]);
  });

  it("makes its account sit out when it is refused for the account's sake", async () => {
    const { kind, account, connect } = await start();
    kind.onConnect = () => Promise.reject(new GatewayError('upstream_rate_limited', 'slow', { cooldownMs: 60_000 }));
    await expect(connect()).rejects.toMatchObject({ code: 'upstream_rate_limited' });
    expect((await account()).coolingUntilMs).toBeGreaterThan(Date.now());
  });

  it('has the account count each of its turns as long as it is read, and see what that says of quota', async () => {
    const { kind, socket, account, connect, quota } = await start();
    kind.onQuota = ({ type }) =>
      type === 'codex.rate_limits'
        ? {
            ...noQuota('event'),
            windows: [{ limitId: 'codex', windowMinutes: 300, usedPercent: 50, resetsAtMs: Date.now() + 3_600_000 }],
          }
        : undefined;
    socket.onTurn = async () => ({ ...emptyAnswer(), batches: from([batch('codex.rate_limits')]) });
    const held = await connect();
    expect((await account()).openExchanges).toBe(0);
    const answer = await held.turn(aCall(), signal);
    expect((await account()).openExchanges).toBe(1);
    await collect(answer.batches);
    expect(await account()).toMatchObject({ openExchanges: 0, windows: [{ usedPercent: 50 }] });
    await quota.flush();
  });

  it('is lost when a turn is refused with credentials that can be renewed: the next one has the new ones', async () => {
    const { socket, seen, account, connect } = await start();
    const held = await connect();
    socket.onTurn = () => Promise.reject(unauthorized());
    await expect(held.turn(aCall(), signal)).rejects.toMatchObject({ code: 'stream_interrupted' });
    expect(await account()).toMatchObject({ coolingUntilMs: 0, openExchanges: 0 });
    await connect();
    expect(seen).toEqual([fakeLogin().accessToken, rotated.accessToken]);
  });

  it('says that the account is refused when its credentials cannot be renewed', async () => {
    const { kind, socket, pool, connect } = await start();
    kind.onRefresh = () => Promise.reject(new LoginRequired('invalid_grant'));
    const held = await connect();
    socket.onTurn = () => Promise.reject(unauthorized());
    await expect(held.turn(aCall(), signal)).rejects.toMatchObject({ code: 'upstream_account_rejected' });
    expect(await pool.snapshot(POOL)).toMatchObject([{ status: 'login_required' }]);
  });

  it('tells whether it can be used', async () => {
    const { connect, account } = await start();
    const held = await connect();
    expect([held.usable, held.accountId]).toEqual([true, (await account()).id]);
    await held.send(Buffer.from('{}'));
    held.close();
    expect(held.usable).toBe(false);
  });

  it('is worth no try while no kind of upstream serves any', async () => {
    const { kind, pool } = await start();
    expect(pool.servesWebsockets()).toBe(true);
    kind.websockets = false;
    expect(pool.servesWebsockets()).toBe(false);
  });
});
