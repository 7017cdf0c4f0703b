import { goalTable, profileTables, socketTable } from './tables.mjs';

/** docs/performance.md, from a whole run. */
export const performancePage = (run, goals) => `# Performance

Written by \`npm run bench\` from one run: all targets on one machine, in turns, ${run.rounds} rounds. Compare ratios, not numbers.

- ${run.machine.processor}, ${run.machine.cores} cores, Node ${run.machine.node}.
- ${run.machine.pinned ? 'What is measured has a core for itself; the upstream, the load generator and PostgreSQL share another.' : 'Processes could not be held to cores here: the figures say little.'}
- Ours has everything on: keys, limits of key and Pool, routing, durable accounting, metrics, traces of one call in ten.
- *The floor* is a bare Fastify and undici relay that parses a body and writes it anew. nginx only passes on. codex-as-api
  is called in its chat lane, Portkey's gateway in its Responses lane.
- Every answer is checked: each text once and in order, one terminal event, no standstill. ${run.faults.length} of them were not whole.
- *Calls per second of core* is calls by the processor time that the gateway used, so that the load generator's own limit
  does not count. Latencies are of calls that start at fixed times.
${run.missing.map((line) => `- Not there: ${line}.\n`).join('')}
## Goals

${goalTable(goals)}

## Figures

The middle of the rounds, and in brackets the half of them around it.

${profileTables(run).join('\n\n')}

### 100 websockets with a turn each, 50 events, 20 ms apart

${socketTable(run)}
`;
