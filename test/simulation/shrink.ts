import type { Schedule, Setup, Step } from './schedule.js';

const PLAIN: Setup = {
  accounts: 2,
  replicas: 1,
  sessions: 1,
  strategy: 'balanced',
  evidence: 'optimistic',
  cacheLocality: false,
  sessionMoves: true,
  accountLimit: 8,
  classLimit: 64,
  queueWaitMs: 0,
  announceMs: 0,
};

/** Fewer steps: without each part of the list, from half of it down to a single step. */
function* shorter(steps: readonly Step[]): Generator<readonly Step[]> {
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < steps.length; from += size) yield [...steps.slice(0, from), ...steps.slice(from + size)];
  }
}

/** Steps with less to say: at once, or by the first of all. */
function* plainer(steps: readonly Step[]): Generator<readonly Step[]> {
  for (const [index, step] of steps.entries()) {
    for (const name of ['afterMs', 'account', 'replica', 'session'] as const) {
      if (step[name] !== 0) yield steps.map((one, at) => (at === index ? { ...one, [name]: 0 } : one));
    }
  }
}

function* simpler({ setup, steps }: Schedule): Generator<Schedule> {
  for (const fewer of shorter(steps)) yield { setup, steps: fewer };
  for (const name of Object.keys(setup) as (keyof Setup)[]) {
    const { [name]: value, ...rest } = setup;
    const plain = PLAIN[name];
    if (value === plain) continue;
    yield { setup: plain === undefined ? (rest as Setup) : { ...setup, [name]: plain }, steps };
  }
  for (const others of plainer(steps)) yield { setup, steps: others };
}

/** The simplest schedule found that fails as well: no single part of it can be left out. */
export function shrunk(schedule: Schedule, fails: (schedule: Schedule) => boolean): Schedule {
  for (const other of simpler(schedule)) if (fails(other)) return shrunk(other, fails);
  return schedule;
}
