import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/children.mjs';
import { compare } from './comparison.mjs';
import { canPin, LOAD_CORE, pin } from './cores.mjs';
import { withUpstream } from './deployment.mjs';
import { footprint } from './footprint.mjs';
import { goalsOf } from './goals.mjs';
import { pairGain } from './pair-gain.mjs';
import { performancePage } from './page.mjs';
import { goalTable, profileTables, socketTable } from './tables.mjs';
import { ACCOUNTS, allTargets } from './targets/all.mjs';

/**
 * `npm run bench [-- --quick]`: us beside nginx, a bare relay and other gateways. Prints each goal with what was measured; a
 * full run also writes docs/performance.md. An answer that is not whole fails the run, a goal that is missed does not.
 */
const quick = process.argv.includes('--quick');
const rounds = Number(process.env.BENCH_ROUNDS || (quick ? 1 : 5));
const startedAt = performance.now();
const say = (line) => console.error(`${((performance.now() - startedAt) / 1_000).toFixed(0).padStart(4)} s  ${line}`);

const machine = {
  processor: cpus()[0].model,
  cores: availableParallelism(),
  node: process.version,
  pinned: canPin,
};

/** One after the other: each has its core for itself. */
async function measure(place) {
  const { targets, missing } = await allTargets(place);
  say(`started ${targets.map(({ name }) => name).join(', ')}`);
  const compared = await compare(place, targets, { rounds, quick, say });
  const ours = targets.find(({ name }) => name === 'ours');
  const found = await footprint(place, ours, { quick, say });
  const pair = await pairGain(place, quick ? { rounds: 1, seconds: 1 } : {});
  say('two gateways');
  if (pair.missing !== undefined) missing.push(pair.missing);
  for (const [name, { faults }] of Object.entries(found.sockets))
    compared.faults.push(...faults.map((fault) => ({ profile: 'websockets', lane: name, fault })));
  return { machine, quick, rounds, missing, ...compared, footprint: found, pair };
}

pin(process.pid, LOAD_CORE);
if (!canPin) say('processes cannot be held to cores here: the figures will say little');
const run = await withUpstream({ accounts: ACCOUNTS, pinned: true }, measure);
const goals = goalsOf(run);
const folder = join(root, '.cache/bench');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...run, goals }, undefined, 1));
console.log(profileTables(run).join('\n\n'));
console.log(`\n### 100 websockets with a turn each\n\n${socketTable(run)}`);
console.log(`\n${goalTable(goals)}\n`);
for (const line of run.missing) console.log(`Not there: ${line}`);
for (const { profile, lane, fault } of run.faults.slice(0, 20)) console.log(`Not whole: ${lane}, ${profile}: ${fault}`);
if (!quick) writeFileSync(join(root, 'docs/performance.md'), performancePage(run, goals));
if (run.faults.length > 0) {
  console.log(`${run.faults.length} answers were not whole.`);
  process.exitCode = 1;
}
