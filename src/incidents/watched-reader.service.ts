import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../platform/config/index.js';
import { JobOverview, type JobLook } from '../platform/queue/index.js';
import { AccountStates } from '../upstream/index.js';
import type { StoredRule } from './stored-rule.js';
import type { Watched, WatchedJob } from './watched.js';
import { WatchedUsage } from './watched-usage.service.js';

/** What rules look at, as Postgres has it: nothing that only one process knows. */
@Injectable()
export class WatchedReader {
  constructor(
    private readonly accounts: AccountStates,
    private readonly usage: WatchedUsage,
    private readonly jobs: JobOverview,
    @Inject(CONFIG) private readonly config: Pick<Config, 'REFRESH_MARGIN_MS'>,
  ) {}

  async read(rules: readonly StoredRule[], nowMs: number): Promise<Watched> {
    const [accounts, usage, runs] = await Promise.all([
      this.accounts.all(nowMs),
      this.usage.read(rules, nowMs),
      this.jobs.runs(),
    ]);
    const jobs = runs.filter(({ target }) => target === '').map(watchedJob);
    return { nowMs, ...usage, accounts, jobs, refreshMarginMs: this.config.REFRESH_MARGIN_MS };
  }
}

/** While a job runs again, its row has the last end's words. */
const watchedJob = (run: JobLook['runs'][number]): WatchedJob => ({
  job: run.job,
  isFailing: run.outcome === 'failed' || (run.outcome === 'running' && run.errorCode !== null),
  startedAtMs: run.startedAt.getTime(),
  failures: run.failures,
  ...(run.lastSuccessAt !== null && { lastSuccessAtMs: run.lastSuccessAt.getTime() }),
  ...(run.errorCode !== null && { errorCode: run.errorCode }),
});
