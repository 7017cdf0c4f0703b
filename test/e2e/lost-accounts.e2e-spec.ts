import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { useStatusChanges } from '../support/status-changes.js';
import { attemptsOf, isServed, unserved } from '../support/steady-load.js';
import { replicaOf, useStorms } from '../support/storms.js';

const FULL = process.env['DRILLS'] === 'full';
const CALM_MS = FULL ? 5_000 : 1_000;
const STORM_MS = FULL ? 30_000 : 4_500;
const PER_SECOND = FULL ? 40 : 12;
/** Shorter than the resets of the spent accounts: nobody waits for those. */
const QUEUE_WAIT_MS = 2_000;
const FIRST_RESET_S = FULL ? 12 : 9;
/** A machine that is busy with other tests takes its time. */
const BACK_MS = FULL ? 1_500 : 10_000;

const storms = useStorms({ QUEUE_WAIT_MS: String(QUEUE_WAIT_MS) });
const changes = useStatusChanges(() => storms.gateway.database());

async function revokedStorm() {
  // Everybody is asked now and then, however quick the machine is.
  const team = await storms.aPool({ routingStrategy: 'bridge_ring' });
  const load = storms.load(team, PER_SECOND * 2);
  await delay(CALM_MS);
  const revoked = team.accounts.slice(0, 5);
  const beganAtMs = Date.now();
  const logins = revoked.map(({ login }) => login);
  for (const account of revoked) account.killLogin();
  await delay(STORM_MS / 2);
  await eventually(() => expect(storms.silentOf(revoked, beganAtMs)).toEqual([]));
  await delay(CALM_MS);
  const calls = await load.stop();
  const tokenCalls = storms.upstream.requests('token').map(({ body }) => body.toString());
  const refreshes = logins.map(({ refreshToken }) => tokenCalls.filter((body) => body.includes(refreshToken)).length);
  const asked = revoked.map((account) => storms.askedOf(account, beganAtMs).length);
  storms.tell('revoked', calls, { refreshes, asked, mostOpen: load.mostOpen });
  return { team, revoked, calls, refreshes, asked, mostOpen: load.mostOpen };
}

async function spentStorm() {
  const team = await storms.aPool();
  const load = storms.load(team, PER_SECOND / 2);
  await delay(CALM_MS);
  const firstResetMs = (Math.ceil(Date.now() / 1_000) + FIRST_RESET_S) * 1_000;
  for (const [at, account] of team.accounts.entries()) {
    account.primary.usedPercent = 100;
    account.primary.resetsAtMs = firstResetMs + ((at + 5) % 10) * 600_000;
  }
  const spentAtMs = Date.now();
  await delay(firstResetMs + 2_000 - Date.now());
  const calls = await load.stop();
  const refused = calls.filter(({ sentAtMs, status }) => status !== 200 && sentAtMs < firstResetMs - QUEUE_WAIT_MS);
  const knownAtMs = [0, 1].map((replica) => refused.find(({ number }) => replicaOf(number) === replica)?.endedAtMs);
  const known = refused.filter(({ number, sentAtMs }) => sentAtMs > (knownAtMs[replicaOf(number)] ?? Infinity));
  const askedMeanwhile = [...attemptsOf(storms.upstream, known).values()].filter((count) => count > 0).length;
  const back = calls.filter((call) => call.sentAtMs > spentAtMs && isServed(call)).map(({ endedAtMs }) => endedAtMs);
  const backMs = Math.min(...back.filter((at) => at > firstResetMs)) - firstResetMs;
  storms.tell('spent', calls, { refused: refused.length, known: known.length, askedMeanwhile, backMs });
  return { calls, refused, known, firstResetMs, askedMeanwhile, backMs };
}

let drills: {
  readonly revoked: Awaited<ReturnType<typeof revokedStorm>>;
  readonly spent: Awaited<ReturnType<typeof spentStorm>>;
};

beforeAll(async () => {
  const [revoked, spent] = await Promise.all([revokedStorm(), spentStorm()]);
  drills = { revoked, spent };
}, 300_000);

describe('a Pool of ten accounts of which five are revoked at once', () => {
  it('serves every call', () => {
    expect(unserved(drills.revoked.calls)).toEqual([]);
  });

  it('finds out once that each of them needs a new login, and leaves the others alone', async () => {
    const { team, revoked, refreshes } = drills.revoked;
    const found = await changes.of(team.accounts.map(({ id }) => id));
    expect(found).toEqual(revoked.map(({ id }) => ({ label: id, from: 'active', to: 'login_required' })));
    expect(refreshes).toEqual(revoked.map(() => 1));
  });

  it('asks none of them for more calls than were on their way', () => {
    const { asked, mostOpen } = drills.revoked;
    for (const count of asked) expect(count).toBeLessThanOrEqual(2 * mostOpen);
  });
});

describe('a Pool whose ten accounts are all spent', () => {
  it('tells every call the same: the earliest reset', () => {
    const { refused, firstResetMs } = drills.spent;
    expect(refused.length).toBeGreaterThan(3);
    const told = refused.map(({ status, text }) => {
      const { resets_in_seconds: left, ...error } = (JSON.parse(text) as { error: Record<string, unknown> }).error;
      return JSON.stringify([status, error, typeof left]);
    });
    expect([...new Set(told)].map((each) => JSON.parse(each) as unknown)).toEqual([
      [429, expect.objectContaining({ type: 'usage_limit_reached', resets_at: firstResetMs / 1_000 }), 'number'],
    ]);
  });

  it('asks nobody until then', () => {
    const { known, askedMeanwhile } = drills.spent;
    expect(known.length).toBeGreaterThan(0);
    expect(askedMeanwhile).toBe(0);
  });

  it('serves again from then on', () => {
    const { backMs, calls, firstResetMs } = drills.spent;
    expect(backMs).toBeLessThan(BACK_MS);
    expect(unserved(calls.filter(({ sentAtMs }) => sentAtMs >= firstResetMs + 500))).toEqual([]);
  });
});
