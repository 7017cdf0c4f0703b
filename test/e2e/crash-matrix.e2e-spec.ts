import { RollupVerification } from '../../src/accounting/index.js';
import { LOST, SERVED, type CallOutcome } from '../support/call-outcomes.js';
import {
  ACCEPTED,
  CUT,
  GATEWAY_STEPS,
  UNSENT,
  UNWRITTEN,
  WORKER_STEPS,
  WRITTEN,
  type Stage,
} from '../support/crash-steps.js';
import { CrashWorld } from '../support/crash-world.js';
import { useDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { useGatewayProcesses } from '../support/gateway-process.js';
import { useRedis, type TestRedis } from '../support/redis.js';
import { say, ScriptedUpstream, type Reply } from '../support/scripted-upstream/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const FULL = process.env['DRILLS'] === 'full';
const ROUNDS = FULL ? 20 : 1;
const KILLS = ROUNDS * (GATEWAY_STEPS.length + WORKER_STEPS.length);
const KILLING_MS = FULL ? 3_000_000 : 400_000;
/** From the kill to the last ledger row, and to the last reservation. */
const SETTLED_WITHIN_MS = 60_000;
const PATIENCE_MS = SETTLED_WITHIN_MS + 30_000;

const upstream = new ScriptedUpstream();
const replies = new Map<string, Reply>();
upstream.script = (request) => replies.get(request.header('x-client-request-id') ?? '') ?? say('Hello');

const processes = useGatewayProcesses();
const drills = [
  { name: 'queues in Postgres', drill: useDrill() },
  { name: 'Redis, other gateways and other workers', drill: useDrill(useRedis()) },
];

beforeAll(async () => {
  await upstream.start();
  await Promise.all(drills.map(({ drill }) => drill.run()));
}, KILLING_MS);

afterAll(() => upstream.stop());

describe.each(drills)('a process that is killed at any step, with $name', ({ name, drill }) => {
  it(
    'leaves one terminal ledger row for each call that it had accepted, within 60 s',
    async () => {
      const outcomes = await drill.settled(ACCEPTED);
      const double = outcomes.filter(({ ledger }) => ledger?.length !== 1);
      if (FULL) process.stdout.write(`${name}: ${KILLS} kills, ${outcomes.length} calls, double ${double.length}\n`);
      expect(double).toEqual([]);
      expect(drill.slowestMs(outcomes)).toBeLessThan(SETTLED_WITHIN_MS);
    },
    PATIENCE_MS,
  );

  it.each([...CUT, ...UNWRITTEN])(
    'leaves calls that had come as far as %s, and no settlement, as failed, their usage unknown',
    async (stage) => {
      const outcomes = await drill.settled([stage]);
      expect(outcomes.length).toBeGreaterThan(0);
      expect(outcomes).toEqual(Array(outcomes.length).fill(LOST));
    },
  );

  it('leaves calls whose settlement it had written as they were, their usage known', async () => {
    const outcomes = await drill.settled(WRITTEN);
    expect(drill.kept(WRITTEN)).toEqual(outcomes.map(() => true));
    const lost = outcomes.filter(({ status }) => status !== 'succeeded');
    if (FULL) process.stdout.write(`${name}: ${outcomes.length} settlements written, lost ${lost.length}\n`);
    expect(outcomes).toEqual(Array(outcomes.length).fill(SERVED));
  });

  it('has written and sent nothing of a call for which it had not written an intent', async () => {
    const ids = drill.ids(UNSENT);
    expect(ids.length).toBeGreaterThan(0);
    expect(await drill.world.outcomesOf(ids)).toEqual([]);
    const asked = upstream.received.map((request) => request.header('x-client-request-id') ?? '');
    expect(ids.filter((id) => asked.includes(id))).toEqual([]);
  });

  it('passes no cut answer off as a whole one', () => {
    const answers = drill.answers([...UNSENT, ...CUT]);
    expect(answers.filter((read) => read.includes('response.completed') || read.includes('[DONE]'))).toEqual([]);
  });

  it('disturbs no call of a process that lives', async () => {
    const { call, outcome } = await drill.finishSurvivor();
    expect(call.read).toContain('response.completed');
    expect(outcome).toEqual(SERVED);
  });

  it('leaves rollups that are what the ledger says, and all of the ledger in them', async () => {
    await drill.settled(ACCEPTED);
    const differences = await drill.rollupDifferences();
    expect(differences).toEqual(differences.map(() => 0));
    await eventually(async () => expect(await drill.count('FROM usage_delta')).toBe(0));
    const [rolledUp] = await drill.world.query<{ n: number }>('SELECT sum(calls)::int AS n FROM usage_daily');
    expect(rolledUp?.n).toBe(await drill.count('FROM ledger_entry'));
  });

  it(
    'leaves no settlement and no reservation behind, and counters of limits as the ledger says once they are rebuilt',
    async () => {
      await eventually(async () => expect(await drill.count('FROM reservation')).toBe(0), { withinMs: PATIENCE_MS });
      expect(await drill.count('FROM settlement_outbox')).toBe(0);
      const drift = await drill.world.run('limit-rebuild');
      if (FULL) process.stdout.write(`${name}: ${JSON.stringify(drift)}\n`);
      expect(await drill.world.run('limit-rebuild')).toMatchObject({ live: 1, repaired: 0, tokens: 0, nanoUsd: 0 });
    },
    PATIENCE_MS,
  );
});

/** Rounds of calls and kills on stores of their own. What lives on at the end sweeps up. */
function useDrill(redis?: TestRedis) {
  const folder = temporaryFolder();
  const world = new CrashWorld({ processes, database: useDatabase(), redis, upstream, replies });
  let survivor: Awaited<ReturnType<CrashWorld['survive']>> | undefined;
  const of = (stages: readonly Stage[]) => world.calls.filter(({ stage }) => stages.includes(stage));
  const ids = (stages: readonly Stage[]) => of(stages).map(({ id }) => id);
  /** Only one process at a time may run. */
  const killOneByOne = async (): Promise<void> => {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const step of [...GATEWAY_STEPS, ...WORKER_STEPS]) await world.killAt(step);
    }
    survivor = await world.survive(await world.serve());
  };
  const killTogether = async (): Promise<void> => {
    const witness = await world.serve();
    survivor = await world.survive(witness);
    for (let round = 0; round < ROUNDS; round += 1) {
      await world.killWorkers(witness, Promise.all(GATEWAY_STEPS.map((step) => world.killAt(step))));
    }
  };

  return {
    world,
    ids,
    run: async () => {
      world.prepare(folder.path());
      await (redis ? killTogether() : killOneByOne());
    },
    answers: (stages: readonly Stage[]) => of(stages).map(({ read }) => read),
    kept: (stages: readonly Stage[]) => of(stages).map(({ kept }) => kept),
    /** What became of the calls, once none of them is open any more. */
    settled: (stages: readonly Stage[]) => allSettled(world, ids(stages)),
    slowestMs: (outcomes: readonly CallOutcome[]) => {
      const killedAtMs = new Map(world.calls.map((call) => [call.id, call.killedAtMs]));
      const settledAtMs = ({ ledger }: CallOutcome) => Date.parse(ledger?.[0]?.settled_at ?? '');
      return Math.max(...outcomes.map((each) => settledAtMs(each) - (killedAtMs.get(each.request_id) ?? 0)));
    },
    finishSurvivor: async () => {
      if (survivor === undefined) throw new Error('Nobody lives.');
      const { call, finish } = survivor;
      await finish();
      const [outcome] = await allSettled(world, [call.id]);
      return { call, outcome };
    },
    rollupDifferences: async () => {
      const rows = await world.query<{ day: string }>(
        `SELECT DISTINCT (received_at AT TIME ZONE 'UTC')::date::text AS day FROM ledger_entry`,
      );
      const verification = new RollupVerification(world.database);
      const verified = await Promise.all(rows.map(({ day }) => verification.verify(day)));
      return verified.flatMap(({ hourly, daily }) => [hourly?.rows ?? 0, daily.rows]);
    },
    count: async (what: string) => (await world.query<{ n: number }>(`SELECT count(*)::int AS n ${what}`))[0]?.n,
  };
}

const allSettled = (world: CrashWorld, ids: readonly string[]): Promise<CallOutcome[]> =>
  eventually(
    async () => {
      const outcomes = await world.outcomesOf(ids);
      expect(outcomes).toHaveLength(ids.length);
      expect(outcomes.filter(({ status, ledger }) => status === 'in_flight' || !ledger)).toEqual([]);
      return outcomes;
    },
    { withinMs: SETTLED_WITHIN_MS + 10_000 },
  );
