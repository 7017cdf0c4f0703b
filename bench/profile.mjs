import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/children.mjs';
import { withUpstream } from './deployment.mjs';
import { closedLoop } from './load/arrivals.mjs';
import { Caller } from './load/call.mjs';

/**
 * `npm run bench -- profile [bytes] [dialect] [events]`: where the gateway's processor time goes while it is saturated with
 * bodies of such a size, by function. The profile itself is left for tools that draw flame graphs.
 */
const [, bytes = '2000', dialect = 'responses', events = '10'] = process.argv.slice(2);
const SECONDS = Number(process.env.BENCH_SECONDS || 5);
const LANES = Number(bytes) > 100_000 ? 8 : 32;
const SHOWN = 40;
const plan = { deltas: Number(events), paceMs: 0, padBytes: 0, terminalBytes: 0 };

const shortened = (url) =>
  url
    .replace(/^file:\/\//, '')
    .replace(`${root}/`, '')
    .replace(/^node_modules\//, '');

/** @returns shares of the samples by function, the largest first */
function selfTimes({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const spentUs = new Map();
  for (const [index, id] of samples.entries()) {
    const { functionName, url, lineNumber } = byId.get(id);
    const name = `${functionName || '(anonymous)'} ${shortened(url)}${url ? `:${lineNumber + 1}` : ''}`;
    spentUs.set(name, (spentUs.get(name) ?? 0) + timeDeltas[index]);
  }
  // Neither is work: waiting, and the profiler's own.
  for (const name of ['(idle) ', 'dispatch ']) spentUs.delete(name);
  const allUs = [...spentUs.values()].reduce((sum, us) => sum + us, 0);
  return [...spentUs].map(([name, us]) => [name, us / allUs]).sort((a, b) => b[1] - a[1]);
}

await withUpstream({ accounts: 2, pinned: true }, async (place) => {
  const gateway = await place.gateway({ name: 'ours', limited: true, metered: true, traced: true, pinned: true });
  await place.plan(plan);
  const caller = new Caller({ ...gateway, origin: gateway.origin, token: gateway.token, dialect });
  const body = caller.body(Number(bytes));
  const load = () => closedLoop({ lanes: LANES, seconds: SECONDS, call: () => caller.call(body, plan) });
  await load();
  const folder = join(root, '.cache/bench');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `ours-${dialect}-${bytes}-${events}.cpuprofile`);
  await gateway.probe('profile');
  const before = gateway.cpu();
  const { calls, rate, faults } = await load();
  const perCallMs = (gateway.cpu().gateway - before.gateway) / calls;
  await gateway.probe('profiled', { file });
  await caller.close();
  console.log(
    `${rate.toFixed(0)} calls per second, ${perCallMs.toFixed(2)} ms of processor time each, ${faults.length} faults`,
  );
  for (const [name, share] of selfTimes(JSON.parse(readFileSync(file, 'utf8'))).slice(0, SHOWN))
    console.log(`${(share * 100).toFixed(1).padStart(5)} %  ${name}`);
  console.log(`\n${shortened(file)}`);
});
