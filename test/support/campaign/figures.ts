import type { LightAnswer } from './light-connection.js';
import type { PlannedCall } from './planned-call.js';

type Counts = Record<string, number>;

const added = (counts: Counts, name: string): unknown => (counts[name] = (counts[name] ?? 0) + 1);

/** How many calls there were of each kind, and how they were answered. */
export function figuresOf(calls: readonly PlannedCall[], answers: ReadonlyMap<number, LightAnswer>): object {
  const byLane: Counts = {};
  const byCourse: Counts = {};
  const byStatus: Counts = {};
  for (const { number, lane, course } of calls) {
    added(byLane, lane);
    added(byCourse, course);
    added(byStatus, String(answers.get(number)?.status));
  }
  return { calls: calls.length, byLane, byCourse, byStatus };
}
