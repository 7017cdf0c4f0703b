import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { burst429, overloaded503 } from '../support/scripted-upstream/index.js';
import { attemptsOf, figuresOf, unserved } from '../support/steady-load.js';
import { useStorms } from '../support/storms.js';

const FULL = process.env['DRILLS'] === 'full';
const CALM_MS = FULL ? 5_000 : 1_000;
const STORM_MS = FULL ? 30_000 : 4_500;
const PER_SECOND = FULL ? 40 : 12;
/** So many that neither the calls which were on their way nor the retries that a Pool has to start with weigh. */
const CALLS = FULL ? 1_000 : 300;
/** Accounts that were asked for too much again and again sit out for a minute. */
const RECOVERY_MS = FULL ? 90_000 : 30_000;

const storms = useStorms();

async function burstStorm() {
  // Everybody is asked now and then, however quick the machine is.
  const team = await storms.aPool({ routingStrategy: 'bridge_ring' });
  const load = storms.load(team, PER_SECOND * 2);
  await delay(CALM_MS);
  const limited = team.accounts.slice(1);
  const beganAtMs = Date.now();
  for (const account of limited) account.script = () => burst429();
  await delay(STORM_MS);
  for (const account of limited) account.script = undefined;
  const endedAtMs = Date.now();
  const recovered = async (): Promise<number> => {
    expect(storms.silentOf(limited, endedAtMs)).toEqual([]);
    await storms.expectHealth(team);
    return Date.now() - endedAtMs;
  };
  const recoveredMs = await eventually(recovered, { withinMs: RECOVERY_MS }).catch(() => Infinity);
  await eventually(() => expect(load.sent).toBeGreaterThan(CALLS), { withinMs: 60_000 });
  const calls = await load.stop();
  /** When each account was asked although it had refused, in rounds: calls that were on their way come together. */
  const rounds = limited.map((account) => roundsOf(storms.askedOf(account, beganAtMs, endedAtMs)));
  storms.tell('burst', calls, { recoveredMs, rounds: rounds.map((asked) => asked.map(({ length }) => length)) });
  return { calls, rounds, recoveredMs, mostOpen: load.mostOpen };
}

function roundsOf(requests: readonly { readonly receivedAtMs: number }[]): number[][] {
  const rounds: number[][] = [];
  for (const { receivedAtMs } of requests) {
    const round = rounds.at(-1);
    if (round === undefined || receivedAtMs - (round.at(-1) ?? 0) > 2_000) rounds.push([receivedAtMs]);
    else round.push(receivedAtMs);
  }
  return rounds;
}

async function overloadStorm() {
  const team = await storms.aPool();
  const load = storms.load(team, PER_SECOND * 4);
  await delay(CALM_MS);
  for (const account of team.accounts) account.script = () => overloaded503();
  await delay(STORM_MS);
  await eventually(() => expect(load.sent).toBeGreaterThan(CALLS), { withinMs: 60_000 });
  for (const account of team.accounts) account.script = undefined;
  const endedAtMs = Date.now();
  const health = team.snapshot();
  await delay(CALM_MS);
  const calls = await load.stop();
  const after = calls.filter(({ sentAtMs }) => sentAtMs > endedAtMs);
  storms.tell('overload', calls, {
    unservedAfter: unserved(after).length,
    health: (await health).map(({ lanes }) => lanes),
  });
  return { team, calls, after };
}

let drills: {
  readonly burst: Awaited<ReturnType<typeof burstStorm>>;
  readonly overload: Awaited<ReturnType<typeof overloadStorm>>;
};

beforeAll(async () => {
  const [burst, overload] = await Promise.all([burstStorm(), overloadStorm()]);
  drills = { burst, overload };
}, 300_000);

describe('a Pool of ten accounts of which nine are asked for too much', () => {
  it('lets at most one call in a thousand see a 429, and serves all others', () => {
    const { calls } = drills.burst;
    expect(unserved(calls).length).toBeLessThanOrEqual(calls.length / 1_000);
  });

  it('asks the upstream at most 1.3 times for a call', () => {
    expect(figuresOf(storms.upstream, drills.burst.calls).meanAttempts).toBeLessThanOrEqual(1.3);
  });

  it('tries an account that sat out with one call, and not all accounts together', () => {
    const { rounds, mostOpen } = drills.burst;
    for (const [first, ...again] of rounds) {
      expect(first?.length ?? 0).toBeLessThanOrEqual(mostOpen);
      expect(again.map(({ length }) => length)).toEqual(again.map(() => 1));
    }
    const returns = rounds.flatMap(([, ...again]) => again.flat());
    for (const at of returns) {
      expect(returns.filter((other) => other >= at && other < at + 100).length).toBeLessThanOrEqual(3);
    }
  });

  it('has all ten back afterwards', () => {
    expect(drills.burst.recoveredMs).toBeLessThan(RECOVERY_MS);
  });
});

describe('a Pool whose upstream is overloaded as a whole', () => {
  it('asks it at most 1.3 times for a call', () => {
    expect(figuresOf(storms.upstream, drills.overload.calls).meanAttempts).toBeLessThanOrEqual(1.3);
  });

  it('holds it against none of its accounts', async () => {
    await storms.expectHealth(drills.overload.team);
    const ids = drills.overload.team.accounts.map(({ id }) => id);
    const sql = `SELECT model, failures FROM account_lane
                   JOIN upstream_account ON upstream_account.id = account_id WHERE label = ANY($1)`;
    expect(await storms.gateway.database().query(sql, [ids])).toEqual([]);
  });

  it('serves every call at once when that is over', () => {
    const { after } = drills.overload;
    expect(unserved(after)).toEqual([]);
    expect([...attemptsOf(storms.upstream, after).values()]).toEqual(after.map(() => 1));
  });
});
