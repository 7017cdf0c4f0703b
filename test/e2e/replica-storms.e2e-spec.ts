import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SharedState } from '../../src/platform/shared-state/index.js';
import { callOutcomes, LOST, SERVED } from '../support/call-outcomes.js';
import { useDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { useGatewayProcesses, type GatewayProcess } from '../support/gateway-process.js';
import { ask, PATH, useGateway } from '../support/gateway.js';
import { madeUpKey } from '../support/made-up-key.js';
import { newPool } from '../support/pools.js';
import { useRedis } from '../support/redis.js';
import { hold, paced, say, ScriptedUpstream, type Reply } from '../support/scripted-upstream/index.js';
import { figuresOf, SteadyLoad, unserved, type LoadedCall } from '../support/steady-load.js';
import { replicaOf } from '../support/storms.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const FULL = process.env['DRILLS'] === 'full';
const ACCOUNTS = 10;
const STEP_MS = FULL ? 10_000 : 1_500;
const PER_SECOND = FULL ? 40 : 12;
/** Longest that the places of a process that died stay taken. */
const PLACES_BACK_WITHIN_MS = 60_000;
/** From a process's death to the last ledger row of its calls. */
const SETTLED_WITHIN_MS = 60_000;

/** Answers all alike but for the calls that it was told of, by their `x-client-request-id`. */
class Upstream extends ScriptedUpstream {
  private readonly replies = new Map<string, Reply>();
  override script = (request: { header(name: string): string | undefined }): Reply =>
    this.replies.get(request.header('x-client-request-id') ?? '') ?? paced(8, say('Hello', ' there'));

  /** @returns the id that the call must carry */
  expecting(reply: Reply): string {
    const id = randomUUID();
    this.replies.set(id, reply);
    return id;
  }
}

function tell(storm: string, upstream: ScriptedUpstream, calls: readonly LoadedCall[], more: object = {}): void {
  if (FULL) process.stdout.write(`${JSON.stringify({ storm, ...figuresOf(upstream, calls), ...more })}\n`);
}

const loads: SteadyLoad[] = [];
afterAll(() => Promise.all(loads.map((load) => load.stop())));
const underLoad = (send: (number: number, id: string) => Promise<Response>): SteadyLoad => {
  const load = new SteadyLoad(PER_SECOND, send);
  loads.push(load);
  return load;
};

describe('two gateways whose Redis loses everything under load, and then goes away for a while', () => {
  const upstream = new Upstream();
  const redis = useRedis();
  const gateway = useGateway({ upstream, redis, replicas: 2 });

  it('serve every call, count what runs as before, and agree on every session again', async () => {
    const team = await newPool(gateway, upstream, Array<object>(ACCOUNTS).fill({}));
    const sessions = Array.from({ length: 10 }, () => randomUUID());
    const inSession = (session = '', id: string, replica: number) =>
      team.post(ask(), { replica, headers: { 'x-client-request-id': id, 'session-id': session } });
    const load = underLoad((number, id) => inSession(sessions[number % sessions.length], id, replicaOf(number)));

    const held = hold();
    const running = team.post(ask(), { headers: { 'x-client-request-id': upstream.expecting(held) } });
    await held.start();
    await held.text('before ');
    const { accountId } = await held.opened;
    const place = (await team.snapshot()).map(({ id, label }) => (label === accountId ? `account:${id}` : ''));
    const heldPlaces = async () => {
      const counts = await gateway.get(SharedState).held(place.filter((key) => key !== ''));
      expect(counts.map((count) => count > 0)).toEqual([true]);
    };
    await eventually(heldPlaces);
    await delay(STEP_MS);
    await redis.flush();
    await eventually(heldPlaces, { withinMs: 20_000 });
    await delay(STEP_MS);
    await redis.stop();
    await delay(STEP_MS);
    await redis.start();
    await eventually(heldPlaces, { withinMs: 20_000 });
    await delay(STEP_MS);

    await held.text('and after');
    await held.finish();
    expect(await (await running).text()).toContain('response.completed');
    const calls = await load.stop();
    tell('redis', upstream, calls);
    expect(unserved(calls)).toEqual([]);
    const places = (await team.snapshot()).map(({ id }) => `account:${id}`);
    await eventually(async () => expect(await gateway.get(SharedState).held(places)).toEqual(places.map(() => 0)));
    for (const session of sessions) {
      const homes = [];
      for (const replica of [0, 1]) {
        const id = randomUUID();
        await (await inSession(session, id, replica)).text();
        homes.push(upstream.received.find((request) => request.header('x-client-request-id') === id)?.accountId);
      }
      expect(homes[1]).toBe(homes[0]);
    }
  }, 180_000);
});

describe('two gateways of which one is killed under load', () => {
  const upstream = new Upstream();
  const processes = useGatewayProcesses();
  const database = useDatabase();
  const folder = temporaryFolder();
  const redis = useRedis();
  const [key, narrowKey] = [madeUpKey(), madeUpKey()];
  const replicas: GatewayProcess[] = [];

  const post = (replica: number, id: string, as = key): Promise<Response> =>
    fetch(`${replicas[replica]?.url ?? ''}${PATH}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${as}`,
        'content-type': 'application/json',
        'x-request-id': id,
        'x-client-request-id': id,
      },
      body: JSON.stringify(ask()),
    });
  const settled = (ids: readonly string[]) =>
    eventually(
      async () => {
        const outcomes = await callOutcomes(database.dataSource(), ids);
        expect(outcomes.filter(({ status, ledger }) => status === 'in_flight' || !ledger)).toEqual([]);
        return outcomes;
      },
      { withinMs: SETTLED_WITHIN_MS + 10_000 },
    );

  beforeAll(async () => {
    await upstream.start();
    for (let n = 0; n < ACCOUNTS; n += 1) upstream.addAccount({ accountId: `acc_${n}` });
    const accounts = upstream.accounts.map(({ id }, n) => ({ label: id, authJsonEnv: `AUTH_JSON_${n}` }));
    const keys = [
      { label: 'wide', secretEnv: 'POOL_KEY' },
      { label: 'narrow', secretEnv: 'NARROW_KEY', maxConcurrent: 1 },
    ];
    const file = join(folder.path(), 'seed.yaml');
    writeFileSync(file, JSON.stringify({ pools: [{ slug: 'team', accounts, keys }] }));
    const environment = {
      DATABASE_URL: database.url(),
      REDIS_URL: redis.url(),
      DATA_DIR: folder.path(),
      SEED_FILE: file,
      POOL_KEY: key,
      NARROW_KEY: narrowKey,
      ...Object.fromEntries(upstream.accounts.map(({ login }, n) => [`AUTH_JSON_${n}`, login.authJson])),
      UPSTREAM_BASE_URL: upstream.url,
      OAUTH_ISSUER_URL: upstream.url,
      QUEUE_WAIT_MS: String(PLACES_BACK_WITHIN_MS),
      LOG_LEVEL: 'warn',
    };
    for (let n = 0; n < 2; n += 1) replicas.push(await processes.serve(environment));
  }, 180_000);
  afterAll(() => upstream.stop());

  it('go on without a failed call on the other, which settles every call once, and have its places back in a minute', async () => {
    const load = underLoad((number, id) => post(replicaOf(number), id));
    const narrow = hold();
    const lost = upstream.expecting(narrow);
    const broken = post(0, lost, narrowKey).then((response) => response.text());
    broken.catch(() => undefined);
    await narrow.start();
    await narrow.text('never ');
    await delay(STEP_MS);
    const killedAtMs = Date.now();
    await replicas[0]?.kill9();
    await expect(broken).rejects.toThrow();
    const waiting = FULL ? post(1, randomUUID(), narrowKey).then((response) => response.text()) : undefined;
    const backMs = waiting?.then((text) => {
      expect(text).toContain('response.completed');
      return Date.now() - killedAtMs;
    });
    await delay(STEP_MS);
    const calls = await load.stop();
    const survivors = calls.filter(({ number }) => replicaOf(number) === 1);
    const before = calls.filter(({ number, endedAtMs }) => replicaOf(number) === 0 && endedAtMs < killedAtMs);
    tell('killed', upstream, survivors, { placesBackMs: await backMs });

    expect(survivors.length).toBeGreaterThan(5);
    expect(unserved([...survivors, ...before])).toEqual([]);
    const ids = survivors.map(({ id }) => id);
    expect(await settled(ids)).toEqual(ids.map(() => SERVED));
    if (!FULL) return;
    expect(await backMs).toBeLessThan(PLACES_BACK_WITHIN_MS);
    expect(await settled([lost])).toEqual([LOST]);
    await settled(calls.map(({ id }) => id));
  }, 240_000);
});
