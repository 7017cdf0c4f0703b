import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import type { AccountId } from '../../core/index.js';
import { useDatabase } from '../../../test/support/database.js';
import { fakeLogin } from '../../../test/support/fake-login.js';
import { FakeKind, POOL, upstreamServices } from '../../../test/support/upstream-services.js';
import * as machine from './circuit.js';
import { CLOSED, OPEN_MS, type Circuit } from './circuit.js';
import type { LaneKey } from './lane-key.js';
import { LaneStore } from './lane-store.service.js';

const NOW_MS = 1_790_000_000_000;
const REASON = 'upstream_timeout';

describe('circuits in the database', () => {
  const database = useDatabase();
  beforeEach(() => database.dataSource().query('TRUNCATE upstream_account CASCADE'));

  const start = async () => {
    const { accounts } = upstreamServices(database.dataSource(), new FakeKind());
    const { account } = await accounts.importAuthJson(fakeLogin().authJson, { label: 'alice', poolId: POOL });
    return { store: new LaneStore(database.dataSource()), id: account.id };
  };
  const lane = (): LaneKey => ({ model: randomUUID(), routeClass: 'stream' });
  const inParallel = <Result>(times: number, work: (index: number) => Promise<Result>) =>
    Promise.all(Array.from({ length: times }, (_, index) => work(index)));

  it('become what the circuit of `circuit.ts` becomes, whatever happens to them', async () => {
    const { store, id } = await start();
    const step = fc.record({
      waitMs: fc.constantFrom(0, 1_000, OPEN_MS),
      what: fc.constantFrom('begin' as const, 'fail', 'open', 'succeed', 'neutral', 'shut'),
      who: fc.nat({ max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        const key = lane();
        let model: Circuit = CLOSED;
        let nowMs = NOW_MS;
        const calls: machine.Judged[] = [{ beganAtMs: NOW_MS }];
        for (const { waitMs, what, who } of steps) {
          nowMs += waitMs;
          const before = model;
          const call = calls[who % calls.length] ?? { beganAtMs: nowMs };
          const { probeId } = call;
          const isProbe = before.probe !== undefined && before.probe.id === probeId;
          const run = {
            begin: () => {
              const own = randomUUID();
              const admission = machine.admit(before, own, nowMs);
              if (admission.as === 'probe') model = admission.circuit;
              calls.push({ beganAtMs: nowMs, probeId: own });
              return store.claim(id, key, own, nowMs);
            },
            fail: () => {
              model = machine.failed(before, call, REASON, nowMs);
              return isProbe
                ? store.probeFailed(id, key, before.probe.id, REASON, nowMs)
                : store.failed(id, key, 1, REASON, nowMs);
            },
            open: () => {
              model = isProbe ? before : machine.openedAtOnce(before, call, REASON, nowMs);
              return isProbe ? undefined : store.openedAtOnce(id, key, REASON, nowMs);
            },
            succeed: () => {
              model = machine.succeeded(before, call);
              return store.succeeded(id, key, call);
            },
            neutral: () => {
              model = machine.neutral(before, call);
              return probeId === undefined ? undefined : store.release(id, key, probeId);
            },
            shut: () => {
              model = machine.shut(before, 1, REASON, nowMs + 5_000, nowMs);
              return store.shut(id, key, 1, REASON, nowMs + 5_000, nowMs);
            },
          };
          const done = await run[what]();
          if (done === undefined) continue;
          expect(done.lane?.circuit ?? CLOSED).toEqual(model);
          expect(done.changed).toBe(JSON.stringify(model) !== JSON.stringify(before));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are tried by one of many who ask at the same time', async () => {
    const { store, id } = await start();
    const key = lane();
    await store.openedAtOnce(id, key, REASON, NOW_MS);
    const claims = await inParallel(8, () => store.claim(id, key, randomUUID(), NOW_MS + OPEN_MS));
    expect(claims.filter(({ changed }) => changed)).toHaveLength(1);
  });

  it('count failures that come at the same time from everywhere', async () => {
    const { store, id } = await start();
    const key = lane();
    const counted = await inParallel(3, () => store.failed(id, key, 1, REASON, NOW_MS));
    const open = counted.filter(({ lane: row }) => row?.circuit.open !== undefined);
    expect(open).toHaveLength(1);
    expect(open[0]?.lane).toMatchObject({ version: 3, circuit: { failures: 3, open: { reason: REASON } } });
  });

  it('are not made of an account that is gone', async () => {
    const { store } = await start();
    expect(await store.failed(randomUUID() as AccountId, lane(), 1, REASON, NOW_MS)).toEqual({ changed: false });
  });
});
