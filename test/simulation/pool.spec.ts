import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Lived } from './many.js';
import { MUTANTS } from './mutants.js';
import { scheduleOf, type Schedule } from './schedule.js';
import { shrunk } from './shrink.js';
import { live } from './simulation.js';
import { REAL, type Subject } from './subject.js';

const FULL = process.env['DRILLS'] === 'full';
const SCHEDULES = FULL ? 2_000_000 : 100_000;
const PROCESSES = 2;
const FIRST_SEED = FULL ? 1_000_000 : 1;
/** A mistake in the rules has to show by then. */
const SOON = 2_000;

/** Everything that is made is thrown away at once: a large young generation, and no threads to clean it up. */
const FOR_SHORT_LIVES = ['--max-semi-space-size=16', '--single-threaded-gc'];

const run = promisify(execFile);

async function lived(firstSeed: number, count: number): Promise<Lived> {
  const hook = resolve('test/support/typescript.cjs');
  const script = resolve('test/simulation/many.ts');
  const args = [...FOR_SHORT_LIVES, '--require', hook, script, String(firstSeed), String(count)];
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout) as Lived;
}

const ruleOf = (schedule: Schedule, subject: Subject): string | undefined => live(schedule, subject).violation?.rule;

function simplest(seed: number, subject: Subject = REAL): Schedule {
  const rule = ruleOf(scheduleOf(seed), subject);
  return shrunk(scheduleOf(seed), (schedule) => ruleOf(schedule, subject) === rule);
}

/** What went wrong in the schedule of a seed, in as few steps as can be. */
function story(seed: number): string {
  const schedule = simplest(seed);
  const steps = schedule.steps.map((step) => JSON.stringify(step));
  return [`seed ${seed}: ${live(schedule).violation?.message}`, JSON.stringify(schedule.setup), ...steps].join('\n');
}

describe('any schedule of what can happen to a Pool', () => {
  it(
    'keeps every rule of the choice among accounts',
    async () => {
      const each = SCHEDULES / PROCESSES;
      const parts = await Promise.all(
        Array.from({ length: PROCESSES }, (_, index) => lived(FIRST_SEED + index * each, each)),
      );
      expect(parts.flatMap(({ brokenBy }) => brokenBy).map(story)).toEqual([]);
      for (const { figures } of parts) expect(figures.served).toBeGreaterThan(each);
      if (FULL) process.stdout.write(`${JSON.stringify({ schedules: SCHEDULES, parts })}\n`);
    },
    FULL ? 7_200_000 : 600_000,
  );

  it('comes to the same end every time', () => {
    const hashes = () => Array.from({ length: 30 }, (_, index) => live(scheduleOf(FIRST_SEED + index)).hash);
    const first = hashes();
    expect(hashes()).toEqual(first);
    expect(new Set(first).size).toBe(first.length);
  });
});

describe('the simulation finds, soon and in a few steps, that', () => {
  it.each(Object.entries(MUTANTS))(
    '%s',
    (_, { subject, foundAs }) => {
      let seed = 1;
      while (seed < SOON && !foundAs.some((rule) => rule === ruleOf(scheduleOf(seed), subject))) seed += 1;
      expect(seed).toBeLessThan(SOON);
      expect(simplest(seed, subject).steps.length).toBeLessThanOrEqual(10);
    },
    120_000,
  );
});
