import { setTimeout as delay } from 'node:timers/promises';
import { callOutcomes, SERVED } from '../support/call-outcomes.js';
import { eventually } from '../support/eventually.js';
import { useFleet } from '../support/fleet.js';
import { ask } from '../support/gateway.js';
import { useOwnPostgres } from '../support/own-postgres.js';
import { useRedis } from '../support/redis.js';
import { figuresOf, isServed, SteadyLoad, type LoadedCall } from '../support/steady-load.js';

const FULL = process.env['DRILLS'] === 'full';
const PER_SECOND = FULL ? 20 : 10;
const STEP_MS = FULL ? 20_000 : 2_000;
/** How long Postgres is away. */
const DOWN_MS = FULL ? 30_000 : 2_000;
const STREAMS = FULL ? 20 : 4;
/** From a store being back to everything being as before. */
const WELL_WITHIN_MS = 10_000;
/** What a call may take longer on a machine that does other things too; what it does take is printed in full drills. */
const ADDED_MS = 1_000;

jest.setTimeout(300_000);

const postgres = useOwnPostgres();
const redis = useRedis();
const fleet = useFleet({ postgres, redis, empty: true }, {});

const loads: SteadyLoad[] = [];
afterAll(() => Promise.all(loads.map((load) => load.stop())));

let usualP99Ms = 0;

function underLoad(): SteadyLoad {
  const load = new SteadyLoad(PER_SECOND, (_, id) => fleet.post(ask(), id));
  loads.push(load);
  return load;
}

function tell(drill: string, calls: readonly LoadedCall[], more: object = {}): void {
  if (FULL) process.stdout.write(`${JSON.stringify({ drill, ...figuresOf(fleet.upstream, calls), ...more })}\n`);
}

/** What both gateways say of themselves. */
const says = (status: object, withinMs = WELL_WITHIN_MS) =>
  eventually(
    async () => {
      for (const n of [0, 1]) expect(await (await fetch(`${fleet.replica(n).url}/readyz`)).json()).toEqual(status);
    },
    { withinMs },
  );
const DEGRADED = { status: 'ready', degraded: ['redis'] };
const READY = { status: 'ready' };

const wasteOf = (calls: readonly LoadedCall[]) =>
  calls.filter((call) => !isServed(call)).map(({ status, text }) => [status, text]);

/** One row in the ledger for each, with its usage. */
const servedOnce = (calls: readonly { readonly id: string }[], withinMs?: number) =>
  eventually(
    async () =>
      expect(
        await callOutcomes(
          postgres.dataSource(),
          calls.map(({ id }) => id),
        ),
      ).toEqual(calls.map(() => SERVED)),
    withinMs === undefined ? {} : { withinMs },
  );

describe('two gateways and a worker under load', () => {
  it('serve every call, and settle it once', async () => {
    const load = underLoad();
    await delay(STEP_MS);
    const calls = await load.stop();
    expect(wasteOf(calls)).toEqual([]);
    usualP99Ms = figuresOf(fleet.upstream, calls).p99Ms;
    tell('nothing', calls);
    await servedOnce(calls);
  });

  it.each([
    ['is killed', () => redis.stop(), () => redis.start(), DEGRADED],
    ['hangs', async () => redis.pause(), async () => redis.resume(), DEGRADED],
    ['loses its data', () => redis.flush(), async () => undefined, READY],
  ])(
    'serve every call while Redis %s, are ready, and are as before when it is back',
    async (drill, begin, end, seen) => {
      const load = underLoad();
      await begin();
      await says(seen);
      await delay(STEP_MS);
      await end();
      const backAtMs = Date.now();
      await says(READY);
      const wellMs = Date.now() - backAtMs;
      const calls = await load.stop();

      expect(wasteOf(calls)).toEqual([]);
      const addedP99Ms = figuresOf(fleet.upstream, calls).p99Ms - usualP99Ms;
      tell(`Redis ${drill}`, calls, { addedP99Ms, wellMs });
      expect(addedP99Ms).toBeLessThan(ADDED_MS);
      await servedOnce(calls, 30_000);
    },
  );

  it('finish the streams that run while Postgres is away, refuse with a reason or serve, and lose no settlement', async () => {
    const streams = await Promise.all(Array.from({ length: STREAMS }, () => fleet.openStream()));
    const load = underLoad();
    await postgres.stop();
    await says({ status: 'unavailable', failed: ['database'] });
    await Promise.all(streams.map(({ held }) => held.text('and ended').then(() => held.finish())));
    for (const { text } of streams) expect(await text).toMatch(/and ended[^]*response\.completed/);
    await delay(DOWN_MS);
    await postgres.start();
    const backAtMs = Date.now();
    await says(READY);
    await fleet.insist(WELL_WITHIN_MS);
    const wellMs = Date.now() - backAtMs;
    const calls = await load.stop();

    const refused = calls.filter((call) => !isServed(call));
    const reason = /"code":"(accounting|settings)_unavailable"|could not be recorded|cannot be checked/;
    expect(refused.filter(({ status, text }) => status !== 503 || !reason.test(text))).toEqual([]);
    tell('Postgres is restarted', calls, { streams: streams.length, wellMs });
    await servedOnce([...streams, ...calls.filter(isServed)], 60_000);
  });
});
