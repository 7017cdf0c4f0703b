import { scheduleOf } from './schedule.js';
import { live } from './simulation.js';
import { noFigures, type Figures } from './world.js';

/** What came of many schedules. */
export interface Lived {
  readonly figures: Figures;
  /** Of the first that broke a rule. */
  readonly brokenBy: readonly number[];
  readonly seconds: number;
}

const MOST_BROKEN = 3;

/** Live through the schedules of these seeds. */
function many(firstSeed: number, count: number): Lived {
  const startedMs = performance.now();
  const figures = noFigures();
  const brokenBy: number[] = [];
  for (let seed = firstSeed; seed < firstSeed + count && brokenBy.length < MOST_BROKEN; seed += 1) {
    if (live(scheduleOf(seed), undefined, figures).violation) brokenBy.push(seed);
  }
  return { figures, brokenBy, seconds: Math.round((performance.now() - startedMs) / 1_000) };
}

// A process of its own: errors are made and thrown away by the million, and none of them is read.
Error.stackTraceLimit = 0;
const [firstSeed, count] = process.argv.slice(2).map(Number);
process.stdout.write(JSON.stringify(many(firstSeed ?? 1, count ?? 1)));
