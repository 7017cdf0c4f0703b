import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { NotedRun } from './job-recorder.js';

const later = (condition: string) => (column: string) =>
  `${column} = CASE WHEN excluded.started_at >= known.started_at${condition} THEN excluded.${column} ELSE known.${column} END`;

/**
 * `$1` runs, `$2` process. Of several workers the later start is shown, the counts are everybody's. A run that is under
 * way leaves in place what is known of the one before.
 */
const WRITE = `
  INSERT INTO job_run AS known (job, target, outcome, started_at, finished_at, duration_ms, result, error_code,
                                last_success_at, runs, failures, process_id)
  SELECT job, target, outcome, started_at, finished_at, duration_ms, result, error_code, last_success_at, runs, failures,
         $2
    FROM jsonb_to_recordset($1::jsonb)
         AS noted (job text, target text, outcome text, started_at timestamptz, finished_at timestamptz,
                   duration_ms integer, result jsonb, error_code text, last_success_at timestamptz, runs bigint,
                   failures bigint)
   ORDER BY job, target
      ON CONFLICT (job, target) DO UPDATE
     SET ${['outcome', 'started_at', 'finished_at', 'process_id'].map(later('')).join(', ')},
         ${['duration_ms', 'result', 'error_code'].map(later(' AND excluded.runs > 0')).join(', ')},
         last_success_at = greatest(known.last_success_at, excluded.last_success_at),
         runs = known.runs + excluded.runs, failures = known.failures + excluded.failures`;

const FORGET = `
  DELETE FROM job_run WHERE target <> '' AND started_at < to_timestamp($1::bigint / 1000.0)`;

const KEPT_MS = 14 * 86_400_000;
/** What the column can hold. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/** The rows of `job_run`. */
export class JobRunStore {
  private readonly processId = randomUUID();

  constructor(private readonly database: DataSource) {}

  async write(runs: readonly NotedRun[]): Promise<void> {
    await this.database.query(WRITE, [JSON.stringify(runs.map(rowOf)), this.processId]);
  }

  /** Targets come and go: rows of those for which nothing was done for 14 days. @returns how many */
  async forget(nowMs: number): Promise<number> {
    const [, count] = await this.database.query<[unknown, number]>(FORGET, [nowMs - KEPT_MS]);
    return count;
  }
}

const instant = (ms: number | undefined) => (ms === undefined ? null : new Date(ms));

const rowOf = (run: NotedRun) => ({
  job: run.job,
  target: run.target,
  outcome: run.outcome,
  started_at: instant(run.startedAtMs),
  finished_at: instant(run.finishedAtMs),
  duration_ms: run.last ? Math.min(MAX_DURATION_MS, Math.max(0, run.last.durationMs)) : null,
  result: run.last?.result ?? null,
  error_code: run.last?.errorCode ?? null,
  last_success_at: instant(run.lastSuccessAtMs),
  runs: run.runs,
  failures: run.failures,
});
