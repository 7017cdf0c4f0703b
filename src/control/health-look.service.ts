import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ProcessList } from '../accounting/index.js';
import { Schema, within } from '../platform/database/index.js';
import { JobOverview } from '../platform/queue/index.js';
import { SharedState } from '../platform/shared-state/index.js';
import { healthProblems } from './health-problems.js';
import type { HealthView } from './views/health-view.js';

const PATIENCE_MS = 2_000;

/** Looks at what an installation leans on. What does not answer is said to be so, and nobody waits for it long. */
@Injectable()
export class HealthLook {
  constructor(
    private readonly database: DataSource,
    private readonly schema: Schema,
    private readonly shared: SharedState,
    private readonly jobs: JobOverview,
    private readonly processes: ProcessList,
  ) {}

  async look(nowMs: number): Promise<HealthView> {
    const [database, sharedState, schema, queues, worker, processes] = await Promise.all([
      timed(() => this.database.query('SELECT 1')),
      timed(() => this.shared.get('health')),
      this.schemaState(),
      this.jobs.depths(),
      this.worker(nowMs),
      this.living(),
    ]);
    const seen = {
      schema,
      database,
      sharedState: { ...sharedState, reach: this.shared.reach },
      queues: [...queues],
      worker,
      processes,
    };
    const problems = healthProblems(seen);
    return { status: problems.length === 0 ? 'ok' : 'degraded', problems, ...seen };
  }

  private async schemaState(): Promise<HealthView['schema']> {
    const state = await answer(() => this.schema.state());
    return {
      version: this.schema.version,
      current: state?.current ?? false,
      missing: state?.missing.length ?? null,
      unknown: state?.unknown ?? null,
    };
  }

  private async worker(nowMs: number): Promise<HealthView['worker']> {
    const runs = (await answer(() => this.jobs.runs())) ?? [];
    const seenMs = Math.max(...runs.map(({ startedAt, finishedAt }) => (finishedAt ?? startedAt).getTime()));
    if (!Number.isFinite(seenMs)) return { lastSeenAt: null, silentMs: null };
    return { lastSeenAt: new Date(seenMs).toISOString(), silentMs: Math.max(0, nowMs - seenMs) };
  }

  private async living(): Promise<HealthView['processes']> {
    const found = (await answer(() => this.processes.all())) ?? [];
    return found.map(({ id, host, startedAt, heartbeatAt, silentMs, openCalls }) => ({
      id,
      host,
      startedAt: startedAt.toISOString(),
      heartbeatAt: heartbeatAt.toISOString(),
      silentMs: Math.round(silentMs),
      openCalls,
    }));
  }
}

const answer = <T>(question: () => Promise<T>): Promise<T | undefined> =>
  within(PATIENCE_MS, question()).catch(() => undefined);

async function timed(question: () => Promise<unknown>): Promise<HealthView['database']> {
  const startMs = performance.now();
  const answers = await answer(async () => {
    await question();
    return true;
  });
  return answers === true
    ? { answers, tookMs: Math.round(performance.now() - startMs) }
    : { answers: false, tookMs: null };
}
