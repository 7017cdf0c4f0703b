import { Logger } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { count, observe } from '../../metrics/index.js';
import { withSpan } from '../../telemetry/index.js';
import { problemOf } from '../problem.js';
import { within } from '../within.js';
import { errorCodeOf, keptResult, targetOf } from './job-result.js';
import type { JobOutcome } from './job-run.entity.js';

/** What there is to say of a job and target since it was last written. */
export interface NotedRun {
  readonly job: string;
  readonly target: string;
  readonly outcome: JobOutcome;
  readonly startedAtMs: number;
  /** Absent while it runs. */
  readonly finishedAtMs?: number;
  /** Of the last run that ended. */
  readonly last?: { readonly durationMs: number; readonly result?: unknown; readonly errorCode?: string };
  readonly lastSuccessAtMs?: number;
  /** Runs that ended. */
  readonly runs: number;
  readonly failures: number;
}

interface StartedJob {
  readonly queue: string;
  readonly name: string;
  readonly data: unknown;
}

/** What is noted together is written together. */
const GATHER_MS = 100;
/** Of one job and target not more often than this: a busy queue does hundreds of jobs a second. */
const WRITE_EVERY_MS = 10_000;
/** A job that takes longer is shown while it runs. */
const LONG_MS = 2_000;
const RETRY_MS = 2_000;
/** Jobs and targets; while the database is away no more are remembered. */
const MAX_NOTED = 10_000;
const CLOSE_MS = 2_000;

const keyOf = ({ job, target }: Pick<NotedRun, 'job' | 'target'>): string => `${job} ${target}`;

function countRun(
  { job: run, startedAtMs }: Pick<NotedRun, 'job' | 'startedAtMs'>,
  result: 'succeeded' | 'failed',
  endedAtMs: number,
): void {
  const [queue = '', job = ''] = run.split('/', 2);
  count('gw_job_runs_total', { queue, job, result });
  observe('gw_job_duration_seconds', { queue, job, result }, (endedAtMs - startedAtMs) / 1000);
}

/** Remembers what came of each job and writes it down; a job never waits for that, nor fails with it. */
export class JobRecorder {
  private readonly log = new Logger('JobRecorder');
  private readonly noted = new Map<string, NotedRun>();
  private readonly writtenAtMs = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private writing = Promise.resolve();
  private failing = false;
  private closed = false;

  /** @param store absent: nothing is remembered */
  constructor(
    private readonly store: { write(runs: readonly NotedRun[]): Promise<void> } | undefined,
    private readonly now: () => number = Date.now,
  ) {}

  /** @returns what the work returns, throws what it throws */
  async record<T>({ queue, name, data }: StartedJob, work: () => Promise<T>): Promise<T> {
    const run = { job: `${queue}/${name}`, target: targetOf(data), startedAtMs: this.now() };
    const long = setTimeout(() => this.note({ ...run, outcome: 'running', runs: 0, failures: 0 }), LONG_MS).unref();
    try {
      const returned = await withSpan(`job ${run.job}`, { kind: SpanKind.CONSUMER }, work);
      this.ended(run, { outcome: 'succeeded', result: keptResult(returned) });
      return returned;
    } catch (error) {
      this.ended(run, { outcome: 'failed', errorCode: errorCodeOf(error) });
      throw error;
    } finally {
      clearTimeout(long);
    }
  }

  /** Writes the rest, unless that takes too long. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    const rest = async (): Promise<void> => {
      await this.writing;
      await this.flush(Infinity);
    };
    await within(rest(), CLOSE_MS, undefined);
  }

  private ended(
    run: Pick<NotedRun, 'job' | 'target' | 'startedAtMs'>,
    { outcome, ...said }: { outcome: 'succeeded' | 'failed'; result?: unknown; errorCode?: string },
  ): void {
    const atMs = this.now();
    countRun(run, outcome, atMs);
    const last = { ...said, durationMs: atMs - run.startedAtMs };
    const counted = outcome === 'failed' ? { failures: 1 } : { failures: 0, lastSuccessAtMs: atMs };
    this.note({ ...run, outcome, finishedAtMs: atMs, last, runs: 1, ...counted });
  }

  private note(run: NotedRun): void {
    const key = keyOf(run);
    const before = this.noted.get(key);
    if (before === undefined && this.noted.size >= MAX_NOTED) return;
    this.noted.set(key, before ? merged(before, run) : run);
    this.wake(GATHER_MS);
  }

  private wake(afterMs: number): void {
    if (this.timer !== undefined || this.closed) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.writing = this.writing.then(() => this.flush(this.now()));
    }, afterMs).unref();
  }

  /** Writes what was not written lately. Never throws. */
  private async flush(nowMs: number): Promise<void> {
    const due = [...this.noted].filter(([key]) => this.dueAtMs(key) <= nowMs);
    for (const [key] of due) this.noted.delete(key);
    const failed = due.length > 0 && !(await this.written(due.map(([, run]) => run)));
    if (failed) for (const [key, run] of due) this.putBack(key, run);
    else for (const [key] of due) this.writtenAtMs.set(key, nowMs);
    for (const [key, atMs] of this.writtenAtMs) if (atMs + WRITE_EVERY_MS <= nowMs) this.writtenAtMs.delete(key);
    if (this.noted.size === 0) return;
    const nextMs = Math.min(...[...this.noted.keys()].map((key) => this.dueAtMs(key))) - this.now();
    this.wake(failed ? RETRY_MS : Math.max(GATHER_MS, nextMs));
  }

  private dueAtMs(key: string): number {
    const atMs = this.writtenAtMs.get(key);
    return atMs === undefined ? 0 : atMs + WRITE_EVERY_MS;
  }

  private putBack(key: string, run: NotedRun): void {
    const later = this.noted.get(key);
    this.noted.set(key, later ? merged(run, later) : run);
  }

  private async written(runs: readonly NotedRun[]): Promise<boolean> {
    try {
      await this.store?.write(runs);
      this.failing = false;
      return true;
    } catch (error) {
      if (!this.failing) this.log.warn(`What came of jobs is not written down yet: ${problemOf(error)}`);
      this.failing = true;
      return false;
    }
  }
}

/** The later one's words, the last result, and both counts. */
function merged(before: NotedRun, after: NotedRun): NotedRun {
  const last = after.last ?? before.last;
  const lastSuccessAtMs = after.lastSuccessAtMs ?? before.lastSuccessAtMs;
  return {
    ...after,
    ...(last && { last }),
    ...(lastSuccessAtMs !== undefined && { lastSuccessAtMs }),
    runs: before.runs + after.runs,
    failures: before.failures + after.failures,
  };
}
