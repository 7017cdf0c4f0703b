import { z } from 'zod';
import type { JobLook } from '../../platform/queue/index.js';
import { isoOrNull } from '../instants.js';

/** A job that recurs. */
export const jobView = z.object({
  job: z.string().describe('<queue>/<name>'),
  queue: z.string(),
  everyMs: z.int().nullable(),
  nextAt: z.iso.datetime().nullable(),
});
export type JobView = z.output<typeof jobView>;

/** What came of a job last, of each thing that it was done for. */
export const jobRunView = z.object({
  job: z.string(),
  target: z.string().nullable().describe('id of what it was done for; null: for all'),
  account: z.string().nullable().describe('label of the account that it was done for'),
  outcome: z.enum(['running', 'succeeded', 'failed']),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  durationMs: z.int().nullable(),
  result: z.unknown().describe('numbers, ids and codes'),
  errorCode: z.string().nullable(),
  lastSuccessAt: z.iso.datetime().nullable(),
  runs: z.int(),
  failures: z.int(),
});
export type JobRunView = z.output<typeof jobRunView>;

/** What waits in a queue; without numbers: its store does not answer. */
const queueView = z.object({
  queue: z.string(),
  depth: z.object({ waiting: z.int(), active: z.int(), delayed: z.int(), failed: z.int() }).optional(),
});
export const queuesView = z.object({ at: z.iso.datetime(), items: z.array(queueView) });

export const jobViewOf = ({ job, queue, everyMs, nextAtMs }: JobLook['schedules'][number]): JobView => ({
  job,
  queue,
  everyMs: everyMs ?? null,
  nextAt: nextAtMs === undefined ? null : new Date(nextAtMs).toISOString(),
});

export const jobRunViewOf = (run: JobLook['runs'][number], labels: ReadonlyMap<string, string>): JobRunView => ({
  job: run.job,
  target: run.target === '' ? null : run.target,
  account: labels.get(run.target) ?? null,
  outcome: run.outcome,
  startedAt: run.startedAt.toISOString(),
  finishedAt: isoOrNull(run.finishedAt),
  durationMs: run.durationMs,
  result: run.result,
  errorCode: run.errorCode,
  lastSuccessAt: isoOrNull(run.lastSuccessAt),
  runs: run.runs,
  failures: run.failures,
});
