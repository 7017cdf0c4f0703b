import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { estimate } from '../../src/accounting/index.js';
import { useDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { useGatewayProcesses, type GatewayProcess } from '../support/gateway-process.js';
import { ask, PATH } from '../support/gateway.js';
import { CALLS, ClosedGate, GatedUpstream, ROOM } from '../support/limit-storms.js';
import { madeUpKey } from '../support/made-up-key.js';
import { useRedis } from '../support/redis.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const FULL = process.env['DRILLS'] === 'full';
/** Longest that what a process reserved stays so after its death. */
const BACK_WITHIN_MS = 60_000;
const BODY = JSON.stringify(ask());
const HELD = 'SELECT count(*)::int AS held FROM reservation';

describe('two gateway processes on one Redis and one Postgres', () => {
  const upstream = new GatedUpstream();
  const processes = useGatewayProcesses();
  const database = useDatabase();
  const folder = temporaryFolder();
  const redis = useRedis();
  const [wide, narrow] = [madeUpKey(), madeUpKey()];
  let replicas: readonly GatewayProcess[] = [];

  const post = (replica: number, key: string, id: string): Promise<Response> =>
    fetch(`${replicas[replica]?.url ?? ''}${PATH}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-client-request-id': id },
      body: BODY,
    });
  const statusOf = async (replica: number, key: string): Promise<number> => {
    const answer = await post(replica, key, 'open');
    await answer.text();
    return answer.status;
  };
  const gated = (id: string): ClosedGate => {
    const gate = new ClosedGate();
    upstream.gates.set(id, gate);
    return gate;
  };

  beforeAll(async () => {
    await upstream.start();
    for (const name of ['alice', 'bob']) upstream.addAccount({ accountId: `acc_${name}` });
    const { input, output } = estimate(Buffer.byteLength(BODY));
    const accounts = upstream.accounts.map(({ id }, n) => ({ label: id, authJsonEnv: `AUTH_JSON_${n}` }));
    const keys = [
      { label: 'wide', secretEnv: 'WIDE_KEY', limits: { tokensPerDay: (input + output) * ROOM } },
      { label: 'narrow', secretEnv: 'NARROW_KEY', limits: { tokensPerDay: input + output } },
    ];
    const file = join(folder.path(), 'seed.yaml');
    writeFileSync(file, JSON.stringify({ pools: [{ slug: 'team', accounts, keys }] }));
    const environment = {
      DATABASE_URL: database.url(),
      REDIS_URL: redis.url(),
      DATA_DIR: folder.path(),
      SEED_FILE: file,
      WIDE_KEY: wide,
      NARROW_KEY: narrow,
      ...Object.fromEntries(upstream.accounts.map(({ login }, n) => [`AUTH_JSON_${n}`, login.authJson])),
      UPSTREAM_BASE_URL: upstream.url,
      OAUTH_ISSUER_URL: upstream.url,
      LOG_LEVEL: 'warn',
    };
    const first = await processes.serve(environment);
    replicas = [first, await processes.serve(environment)];
  }, 180_000);
  afterAll(() => upstream.stop());

  it('let 10 of 500 calls in against room for 10', async () => {
    const gate = gated('storm');
    let refused = 0;
    const calls = Array.from({ length: CALLS }, async (_, n) => {
      const answer = await post(n % 2, wide, 'storm');
      if (answer.status === 429) refused += 1;
      return [answer.status, (await answer.text()).length > 0];
    });
    await eventually(() => expect([gate.arrived, refused]).toEqual([ROOM, CALLS - ROOM]), { withinMs: 60_000 });
    gate.release();
    const answers = await Promise.all(calls);
    expect(answers.filter(([status]) => status === 200)).toEqual(Array(ROOM).fill([200, true]));
    const sql = `SELECT outcome, count(*)::int AS calls FROM ledger_entry GROUP BY 1 ORDER BY 1`;
    await eventually(async () =>
      expect(await database.dataSource().query(sql)).toEqual([
        { outcome: 'rejected', calls: CALLS - ROOM },
        { outcome: 'succeeded', calls: ROOM },
      ]),
    );
  }, 120_000);

  it('have the room back that was reserved by one that was killed', async () => {
    const gate = gated('lost');
    const broken = post(0, narrow, 'lost').then((answer) => answer.text());
    broken.catch(() => undefined);
    await eventually(() => expect(gate.arrived).toBe(1));
    expect(await statusOf(1, narrow)).toBe(429);
    const killedAtMs = Date.now();
    await replicas[0]?.kill9();
    await expect(broken).rejects.toThrow();
    expect(await statusOf(1, narrow)).toBe(429);
    if (!FULL) await letTimePass();
    const leftMs = () => BACK_WITHIN_MS - (Date.now() - killedAtMs);
    await eventually(async () => expect(await database.dataSource().query(HELD)).toEqual([{ held: 0 }]), {
      withinMs: leftMs(),
    });
    // A counter in Redis knows the end of a reservation from its own clock; one that begins anew asks who is left.
    if (!FULL) await redis.flush();
    await eventually(async () => expect(await statusOf(1, narrow)).toBe(200), { withinMs: leftMs() });
    const lost = `SELECT settled_by, usage_known FROM ledger_entry JOIN request ON id = call_id WHERE error_code = 'process_lost'`;
    expect(await database.dataSource().query(lost)).toEqual([{ settled_by: 'sweeper', usage_known: false }]);
  }, 120_000);

  /** For the process that is gone, as if it had been for as long as the sweep wants to wait. */
  const letTimePass = () =>
    database.dataSource().query(
      `UPDATE gateway_process SET heartbeat_at = now() - interval '40 seconds', suspected_at = now() - interval '20 seconds'
        WHERE id IN (SELECT process_id FROM reservation)`,
    );
});
