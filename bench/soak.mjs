import { setTimeout as pause } from 'node:timers/promises';
import { LOAD_CORE, pin } from './cores.mjs';
import { withUpstream } from './deployment.mjs';
import { slope } from './figures.mjs';
import { closedLoop, openLoop } from './load/arrivals.mjs';
import { Caller } from './load/call.mjs';

/**
 * `npm run bench -- soak`: half the load that one core carries, for ten minutes (`BENCH_SOAK_MINUTES`), and by how much the
 * gateway's resident memory grows after its plateau: the last two thirds of the time.
 */
const MINUTES = Number(process.env.BENCH_SOAK_MINUTES || 10);
const SAMPLE_MS = 5_000;
const PLATEAU = 1 / 3;
const KIB = 1024;
const plan = { deltas: 10, paceMs: 0, padBytes: 0, terminalBytes: 0 };

/** Calls per second that saturate it. */
async function capacity(call) {
  await closedLoop({ lanes: 16, seconds: 10, call });
  const { rate, faults } = await closedLoop({ lanes: 16, seconds: 10, call });
  if (faults.length > 0) throw new Error(`an answer was not whole: ${faults[0]}`);
  return rate;
}

async function sampled(gateway, isOver) {
  const points = [];
  const startedAt = performance.now();
  while (!isOver()) {
    await pause(SAMPLE_MS);
    const point = { x: (performance.now() - startedAt) / 60_000, y: gateway.residentBytes() / KIB };
    points.push(point);
    if (points.length % 12 === 0)
      console.log(`${point.x.toFixed(1).padStart(5)} min  ${(point.y / KIB).toFixed(1)} MiB`);
  }
  return points;
}

async function measure(place) {
  const gateway = await place.gateway({ name: 'ours', limited: true, metered: true, traced: true, pinned: true });
  await place.plan(plan);
  const caller = new Caller(gateway);
  const body = caller.body(2_000);
  const call = () => caller.call(body, plan);
  const perSecond = (await capacity(call)) / 2;
  console.log(`${perSecond.toFixed(0)} calls per second, for ${MINUTES} minutes`);
  let over = false;
  const load = openLoop({ perSecond, count: Math.round(perSecond * MINUTES * 60), call }).finally(() => (over = true));
  const points = await sampled(gateway, () => over);
  const { calls, faults } = await load;
  await caller.close();
  const after = points.filter(({ x }) => x >= MINUTES * PLATEAU);
  console.log(`${calls} calls, ${faults.length} not whole`);
  console.log(`after the plateau resident memory grows by ${slope(after).toFixed(1)} KiB a minute`);
  if (faults.length > 0) process.exitCode = 1;
}

pin(process.pid, LOAD_CORE);
await withUpstream({ accounts: 2, pinned: true }, measure);
