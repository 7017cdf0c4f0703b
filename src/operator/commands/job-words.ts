import type { JobRunView, JobView } from '../../control/index.js';
import { momentWords, spanWords } from './relative-time.js';

/** A job and target that was done, or one that recurs, or both. */
export interface ListedJob {
  readonly job: string;
  readonly run?: JobRunView;
  readonly schedule?: JobView;
}

const LONGEST_RESULT = 60;
const SECOND_MS = 1_000;

/** What was done, and what is due without ever having been done, by name. */
export function listedJobs(runs: readonly JobRunView[], schedules: readonly JobView[]): readonly ListedJob[] {
  const done = runs.map((run): ListedJob => {
    const schedule = run.target === null ? schedules.find(({ job }) => job === run.job) : undefined;
    return { job: run.job, run, ...(schedule && { schedule }) };
  });
  const known = new Set(runs.map(({ job }) => job));
  const never = schedules.filter(({ job }) => !known.has(job)).map((schedule) => ({ job: schedule.job, schedule }));
  return [...done, ...never].sort((a, b) => (a.job < b.job ? -1 : 1));
}

export const jobLines = (jobs: readonly ListedJob[], nowMs: number) =>
  jobs.map(({ job, run, schedule }) => ({
    job,
    target: run?.account ?? run?.target ?? undefined,
    ...lastWords(run, nowMs),
    next: !schedule?.nextAt ? undefined : momentWords(Date.parse(schedule.nextAt), nowMs),
  }));

function lastWords(run: JobRunView | undefined, nowMs: number) {
  if (run === undefined) {
    return { last: 'never', when: undefined, took: undefined, result: undefined, failures: undefined };
  }
  return {
    last: run.outcome,
    when: momentWords(Date.parse(run.finishedAt ?? run.startedAt), nowMs),
    took: run.durationMs === null ? undefined : tookWords(run.durationMs),
    result: run.errorCode ?? resultWords(run.result),
    failures: run.failures > 0 ? `${run.failures} of ${run.runs}` : undefined,
  };
}

const tookWords = (ms: number): string => (ms < SECOND_MS ? `${ms} ms` : spanWords(ms));

/** `settled=0 drained=2`, as far as it fits. */
function resultWords(result: unknown): string | undefined {
  if (result === null || result === undefined) return undefined;
  const text = typeof result === 'object' ? fieldWords(result) : JSON.stringify(result);
  return text.length > LONGEST_RESULT ? `${text.slice(0, LONGEST_RESULT - 1)}…` : text || undefined;
}

const fieldWords = (result: object): string =>
  Object.entries(result)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ')
    .replaceAll('"', '');

/** For machines. */
export const plainJob = ({ job, run, schedule }: ListedJob) => ({
  job,
  target: run?.target ?? null,
  ...plainRun(run),
  everyMs: schedule?.everyMs ?? null,
  nextAt: schedule?.nextAt ?? null,
});

function plainRun(run: JobRunView | undefined) {
  if (run === undefined) return { outcome: null, runs: 0, failures: 0 };
  const { outcome, startedAt, finishedAt, durationMs, result, errorCode, lastSuccessAt, runs, failures } = run;
  return { outcome, startedAt, finishedAt, durationMs, result, errorCode, lastSuccessAt, runs, failures };
}
