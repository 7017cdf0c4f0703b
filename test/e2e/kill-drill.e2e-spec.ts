import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callOutcomes, LOST, SERVED, type CallOutcome } from '../support/call-outcomes.js';
import { useDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { useGatewayProcesses, type Environment, type GatewayProcess } from '../support/gateway-process.js';
import { ask, PATH } from '../support/gateway.js';
import { useRedis, type TestRedis } from '../support/redis.js';
import {
  hang,
  hold,
  say,
  ScriptedUpstream,
  type HeldStream,
  type Reply,
  type ScriptedAccount,
} from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ROUNDS = process.env['DRILLS'] === 'full' ? 20 : 2;
const CALLS_PER_ROUND = 8;
/** The same drill on every run. */
const SEED = 20_260_101;
/** From the kill to the last ledger row. */
const SETTLED_WITHIN_MS = 60_000;

/** How far a call has come when its gateway is killed. */
const STAGES = ['asked', 'created', 'streaming', 'delivered', 'settled'] as const;
type Stage = (typeof STAGES)[number];

interface Drilled {
  readonly id: string;
  readonly stage: Stage;
  killedAtMs: number;
  /** What its client had read when the connection broke. */
  read: string;
}

const upstream = new ScriptedUpstream();
const replies = new Map<string, Reply>();
upstream.script = (request) => replies.get(request.header('x-client-request-id') ?? '') ?? say('Hello');

const processes = useGatewayProcesses();
const folder = temporaryFolder();
const redis = useRedis();
const drills = [
  { name: 'queues in Postgres', drill: useDrill(undefined) },
  { name: 'Redis and another gateway', drill: useDrill(redis) },
];

beforeAll(async () => {
  await upstream.start();
  await Promise.all(drills.map(({ drill }) => drill.run()));
}, 600_000);

afterAll(() => upstream.stop());

describe.each(drills)('a gateway that is killed with calls in flight, with $name', ({ drill }) => {
  it(
    'leaves one terminal ledger row for each of them within 60 s, failed, its usage unknown',
    async () => {
      const outcomes = await drill.settled(['asked', 'created', 'streaming']);
      expect(outcomes.length).toBeGreaterThan(ROUNDS);
      expect(outcomes).toEqual(Array(outcomes.length).fill(LOST));
      expect(drill.slowestMs(outcomes)).toBeLessThan(SETTLED_WITHIN_MS);
    },
    SETTLED_WITHIN_MS + 30_000,
  );

  it('leaves one terminal ledger row for a call whose terminal event it had just delivered', async () => {
    const outcomes = await drill.settled(['delivered']);
    expect(outcomes.length).toBeGreaterThan(0);
    for (const outcome of outcomes) {
      expect(outcome).toEqual(outcome.status === 'succeeded' ? SERVED : LOST);
    }
    expect(drill.slowestMs(outcomes)).toBeLessThan(SETTLED_WITHIN_MS);
  });

  it('leaves calls that were settled before as they were', async () => {
    const outcomes = await drill.settled(['settled']);
    expect(outcomes.length).toBeGreaterThan(0);
    expect(outcomes).toEqual(Array(outcomes.length).fill(SERVED));
  });

  it('passes no cut answer off as a whole one', () => {
    const answers = drill.answers(['asked', 'created', 'streaming']);
    expect(answers.filter((read) => read.includes('response.completed') || read.includes('[DONE]'))).toEqual([]);
  });

  it('disturbs no call of a gateway that lives', async () => {
    await drill.finishSurvivors();
    const outcomes = await drill.settled(['asked'], drill.survivors);
    expect(outcomes.length).toBeGreaterThan(0);
    expect(outcomes).toEqual(Array(outcomes.length).fill(SERVED));
  });
});

/** Rounds of calls and kills on stores of their own. What lives on at the end sweeps up. */
function useDrill(shared: TestRedis | undefined) {
  const database = useDatabase();
  const key = `sk-cxp-${randomBytes(6).toString('hex')}-${randomBytes(32).toString('base64url')}`;
  const random = seeded(SEED);
  /** Of its own: a login serves one installation. */
  const accounts: ScriptedAccount[] = [];
  const calls: Drilled[] = [];
  const survivors: { readonly id: string; readonly held: HeldStream; readonly answer: Promise<string> }[] = [];

  const environment = (): Environment => ({
    DATABASE_URL: database.url(),
    REDIS_URL: shared?.url(),
    DATA_DIR: folder.path(),
    SEED_FILE: seedFile(folder.path(), accounts),
    POOL_KEY: key,
    ...Object.fromEntries(accounts.map(({ login }, n) => [`AUTH_JSON_${n}`, login.authJson])),
    UPSTREAM_BASE_URL: upstream.url,
    OAUTH_ISSUER_URL: upstream.url,
    LOG_LEVEL: 'warn',
  });
  const post = (gateway: GatewayProcess, id: string, reply: Reply): Promise<Response> => {
    replies.set(id, reply);
    return fetch(`${gateway.url}${PATH}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'x-request-id': id,
        'x-client-request-id': id,
      },
      body: JSON.stringify(ask()),
    });
  };
  const outcomesOf = (ids: readonly string[]) => callOutcomes(database.dataSource(), ids);

  /** Bring one call to its stage. What is delivered is held back until `deliver`. */
  const advance = async (gateway: GatewayProcess, call: Drilled): Promise<() => Promise<void>> => {
    const held = hold();
    const waiting = hang();
    const answer = post(gateway, call.id, call.stage === 'asked' ? waiting : held).then((response) =>
      readInto(call, response),
    );
    answer.catch(() => undefined);
    if (call.stage === 'asked') await waiting.opened;
    else await held.start();
    if (['streaming', 'delivered', 'settled'].includes(call.stage)) {
      for (let deltas = 1 + random(4); deltas > 0; deltas -= 1) await held.text('word ');
      await eventually(() => expect(call.read).toContain('word'));
    }
    await eventually(async () => expect(await outcomesOf([call.id])).toHaveLength(1));
    const deliver = () => held.finish().then(() => answer);
    if (call.stage !== 'settled') return call.stage === 'delivered' ? deliver : () => Promise.resolve();
    await deliver();
    await eventually(async () => expect(await outcomesOf([call.id])).toEqual([SERVED]));
    return () => Promise.resolve();
  };

  const round = async (): Promise<void> => {
    const gateway = await processes.serve(environment());
    const stages = [...STAGES, ...Array.from({ length: CALLS_PER_ROUND - STAGES.length }, () => STAGES[random(5)])];
    const own = stages.map((stage = 'streaming') => ({ id: randomUUID(), stage, killedAtMs: Infinity, read: '' }));
    const deliveries = await Promise.all(own.map((call) => advance(gateway, call)));
    await Promise.all(deliveries.map((deliver) => deliver()));
    await gateway.kill9();
    calls.push(...own.map((call) => Object.assign(call, { killedAtMs: Date.now() })));
  };

  const survive = async (gateway: GatewayProcess): Promise<void> => {
    const id = randomUUID();
    const held = hold();
    const answer = post(gateway, id, held).then((response) => response.text());
    await held.start();
    await held.text('still ');
    survivors.push({ id, held, answer });
  };

  return {
    /** With Redis a second gateway serves through it all; without, one that is started last. */
    run: async () => {
      for (const name of ['alice', 'bob'])
        accounts.push(upstream.addAccount({ accountId: `acc_${name}_${randomUUID()}` }));
      const witness = shared && (await processes.serve(environment()));
      if (witness) await survive(witness);
      for (let n = 0; n < ROUNDS; n += 1) await round();
      await survive(witness ?? (await processes.serve(environment())));
    },
    get survivors() {
      return survivors.map(({ id }) => id);
    },
    finishSurvivors: async () => {
      await Promise.all(survivors.map(({ held }) => held.finish()));
      for (const { answer } of survivors) expect(await answer).toContain('response.completed');
    },
    answers: (stages: readonly Stage[]) => calls.filter(({ stage }) => stages.includes(stage)).map(({ read }) => read),
    /** What became of the calls, once none of them is open any more. */
    settled: (stages: readonly Stage[], ids = calls.flatMap((call) => (stages.includes(call.stage) ? call.id : []))) =>
      eventually(
        async () => {
          const outcomes = await outcomesOf(ids);
          expect(outcomes).toHaveLength(ids.length);
          expect(outcomes.filter(({ status, ledger }) => status === 'in_flight' || !ledger)).toEqual([]);
          return outcomes;
        },
        { withinMs: SETTLED_WITHIN_MS + 10_000 },
      ),
    slowestMs: (outcomes: readonly CallOutcome[]) =>
      Math.max(
        ...outcomes.map(({ request_id, ledger }) => {
          const killedAtMs = calls.find(({ id }) => id === request_id)?.killedAtMs ?? 0;
          return Date.parse(ledger?.[0]?.settled_at ?? '') - killedAtMs;
        }),
      ),
  };
}

async function readInto(call: Drilled, { body }: Response): Promise<void> {
  const text = new TextDecoder();
  for await (const chunk of body ?? []) call.read += text.decode(chunk as Uint8Array, { stream: true });
}

function seedFile(path: string, accounts: readonly ScriptedAccount[]): string {
  const logins = accounts.map(({ id }, n) => ({ label: id, authJsonEnv: `AUTH_JSON_${n}` }));
  const file = join(path, `${logins[0]?.label ?? ''}.yaml`);
  const pools = [{ slug: 'team', accounts: logins, keys: [{ label: 'drill', secretEnv: 'POOL_KEY' }] }];
  writeFileSync(file, JSON.stringify({ pools }));
  return file;
}

/** Integers below a bound, the same sequence for the same seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
