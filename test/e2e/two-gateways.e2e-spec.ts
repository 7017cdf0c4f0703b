import { randomBytes, randomUUID } from 'node:crypto';
import { KeyAdminService } from '../../src/auth/index.js';
import { mintToken, TOKEN_RANDOM_BYTES } from '../../src/auth/token-format.js';
import { AccountService } from '../../src/upstream/index.js';
import { UsageProbe } from '../../src/upstream/quota/usage-probe.service.js';
import { useDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { useGatewayProcesses } from '../support/gateway-process.js';
import { ask, hello, useGateway, type TestGateway } from '../support/gateway.js';
import { useRedis } from '../support/redis.js';
import { hang, hold, ScriptedUpstream } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const scripted = (): ScriptedUpstream => {
  const upstream = new ScriptedUpstream();
  upstream.script = () => hello();
  return upstream;
};

const finished = async (answering: Promise<Response>): Promise<[number, boolean]> => {
  const response = await answering;
  return [response.status, (await response.text()).includes('response.completed')];
};
const SERVED = [200, true];

const allSettled = (gateway: TestGateway) =>
  eventually(async () => {
    const rows = await gateway.ledger();
    expect(rows.filter((row) => row['outcome'] !== 'succeeded')).toEqual([]);
    return rows;
  });

describe('two gateways on one Postgres and one Redis', () => {
  const upstream = scripted();
  const redis = useRedis();
  const gateway = useGateway({ upstream, redis, replicas: 2 });
  const newKey = () => gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID());
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  it.each([
    [0, 1],
    [1, 0],
  ])('refuse within a second a key that is revoked on gateway %i and known to gateway %i', async (at, elsewhere) => {
    const { key, token } = await newKey();
    const use = (replica: number) => finished(gateway.post(ask(), { replica, headers: bearer(token) }));
    expect(await Promise.all([use(at), use(elsewhere)])).toEqual([SERVED, SERVED]);

    await gateway.get(KeyAdminService, at).revokeKey(key.id);

    await eventually(async () => expect(await use(elsewhere)).toEqual([401, false]), { withinMs: 1_000 });
    expect(await use(at)).toEqual([401, false]);
  });

  it('let a stream end that was running when its key was revoked', async () => {
    const { key, token } = await newKey();
    const held = hold();
    upstream.replyWith(held);
    const running = gateway.post(ask(), { replica: 1, headers: bearer(token) });
    await held.start();
    await held.text('Hello');
    await gateway.get(KeyAdminService).revokeKey(key.id);
    await eventually(
      async () =>
        expect(await finished(gateway.post(ask(), { replica: 1, headers: bearer(token) }))).toEqual([401, false]),
      { withinMs: 1_000 },
    );
    await held.finish();
    expect(await finished(running)).toEqual(SERVED);
  });

  it('accept within half a second a key that was refused before it was made', async () => {
    const secret = mintToken(randomBytes(TOKEN_RANDOM_BYTES));
    const use = () => finished(gateway.post(ask(), { replica: 1, headers: bearer(secret) }));
    expect(await use()).toEqual([401, false]);
    await gateway.get(KeyAdminService).createKey(gateway.pool.id, randomUUID(), { secret });
    await eventually(async () => expect(await use()).toEqual(SERVED), { withinMs: 500 });
  });

  it('keep a session on the account that served it first, whichever of them is asked', async () => {
    const [alice, bob] = upstream.accounts;
    const accountOf = async (session: string, replica: number): Promise<string | undefined> => {
      const arriving = upstream.received.length;
      expect(await finished(gateway.post(ask(), { replica, headers: { 'session-id': session } }))).toEqual(SERVED);
      return upstream.received[arriving]?.accountId;
    };
    const session = randomUUID();
    const first = await accountOf(session, 0);
    const [own, other] = first === alice?.id ? [alice, bob] : [bob, alice];
    if (!own || !other) throw new Error('There are two accounts.');

    own.primary.usedPercent = 60;
    other.primary.usedPercent = 5;
    await accountOf(session, 0);

    await eventually(async () => expect(await accountOf(randomUUID(), 1)).toBe(other.id));
    for (const replica of [1, 0, 1]) expect(await accountOf(session, replica)).toBe(own.id);
  });

  it('use within two seconds an account that was imported on the other', async () => {
    const carol = upstream.addAccount({ accountId: 'acc_carol', primary: { usedPercent: 1 }, secondary: null });
    await finished(gateway.post(ask(), { replica: 1 }));
    const login = { label: 'carol', poolId: gateway.pool.id };
    const { account } = await gateway.get(AccountService).importAuthJson(carol.login.authJson, login);
    await gateway.get(UsageProbe).run(account.id, Date.now);
    await eventually(
      async () => {
        await Promise.all(Array.from({ length: 3 }, () => finished(gateway.post(ask(), { replica: 1 }))));
        expect(carol.calls).toBeGreaterThan(0);
      },
      { withinMs: 2_000 },
    );
  });

  it('settle every call once', async () => {
    const rows = await allSettled(gateway);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  it('go on serving when one of them ends, which lets its own streams end first', async () => {
    const held = hold();
    upstream.replyWith(held);
    const running = gateway.post(ask(), { replica: 1 });
    await held.start();
    await held.text('Hello');
    await running;
    const closing = gateway.close(1);
    expect(await finished(gateway.post(ask(), { replica: 0 }))).toEqual(SERVED);
    await held.finish();
    expect(await finished(running)).toEqual(SERVED);
    await closing;
    expect(await finished(gateway.post(ask(), { replica: 0 }))).toEqual(SERVED);
    await allSettled(gateway);
  });
});

describe('two gateways that share an account', () => {
  const CALLS = 50;
  const upstream = scripted();
  upstream.addAccount({ accountId: 'acc_shared' });
  const redis = useRedis();
  const gateway = useGateway({ upstream, redis, replicas: 2 });

  it('refresh its tokens once for 50 calls that are refused together, and serve all of them', async () => {
    const [account] = gateway.accounts;
    const renewal = hang();
    upstream.tokenScript = (request) => {
      void renewal.opened.then(() =>
        eventually(() => expect(upstream.count('responses')).toBe(CALLS)).then(() =>
          renewal.release(upstream.renewTokens(request)),
        ),
      );
      return renewal;
    };
    account?.revoke();

    const answers = await Promise.all(
      Array.from({ length: CALLS }, (_, n) => finished(gateway.post(ask(), { replica: n % 2 }))),
    );

    expect(answers).toEqual(Array(CALLS).fill(SERVED));
    expect(upstream.tokenCalls).toBe(1);
    expect(upstream.count('responses')).toBe(2 * CALLS);
    const rows = await allSettled(gateway);
    expect(rows.map((row) => row['attempt_count'])).toEqual(Array(CALLS).fill(1));
  });
});

describe('a process on a database without Redis', () => {
  const upstream = scripted();
  const processes = useGatewayProcesses();
  const database = useDatabase();
  const folder = temporaryFolder();
  const environment = () => ({
    DATABASE_URL: database.url(),
    DATA_DIR: folder.path(),
    UPSTREAM_BASE_URL: 'http://127.0.0.1:9',
    OAUTH_ISSUER_URL: 'http://127.0.0.1:9',
    LOG_LEVEL: 'warn',
  });

  beforeAll(() => upstream.start());
  afterAll(() => upstream.stop());

  it('refuses to start beside another one, and says what would help', async () => {
    const first = await processes.serve(environment());
    const second = await processes.run({ ...environment(), PORT: '0' }, ['serve']);
    expect(second.code).toBe(1);
    expect(second.stderr).toBe(
      'codex-pooler: Another process already serves this database. Set REDIS_URL to run more than one.\n',
    );
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    expect((await first.terminate()).code).toBe(0);
  });

  it.each(['worker', 'gateway'])('refuses to be a %s alone', async (role) => {
    const { code, stderr } = await processes.run(environment(), ['serve', '--role', role]);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^codex-pooler: --role ${role} needs REDIS_URL\\b.*\n$`));
  });
});
