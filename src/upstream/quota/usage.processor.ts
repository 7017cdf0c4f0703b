import { Processor, WorkerHost } from '@nestjs/bullmq';
import { UnrecoverableError, type Job } from 'bullmq';
import { JobProducer, QUEUES } from '../../platform/queue/index.js';
import type { AccountJob } from '../jobs.js';
import { AccountProbes } from './account-probes.service.js';
import { USAGE_DUE_JOB, USAGE_JOB } from './usage-job.js';
import { UsageProbe } from './usage-probe.service.js';

/** Asks for the usage of accounts. Its own queue: a usage endpoint that hangs must not hold up the refresh of tokens. */
@Processor(QUEUES.usage, { concurrency: 4 })
export class UsageProcessor extends WorkerHost {
  constructor(
    private readonly probes: AccountProbes,
    private readonly probe: UsageProbe,
    private readonly jobs: JobProducer,
  ) {
    super();
  }

  process({ name, data }: Job<AccountJob>): Promise<number | string> {
    switch (name) {
      case USAGE_DUE_JOB:
        return this.enqueue();
      case USAGE_JOB:
        return this.probe.run(data.accountId, Date.now);
      default:
        throw new UnrecoverableError('no such job');
    }
  }

  /** Hand over a job for every account that is due and not on its way yet. @returns how many are due */
  private async enqueue(): Promise<number> {
    const due = await this.probes.due(Date.now());
    for (const accountId of due) {
      // When one that failed is asked again is for its row to say.
      const options = { deduplication: { id: `${USAGE_JOB}-${accountId}` }, attempts: 1 };
      await this.jobs.add(QUEUES.usage, USAGE_JOB, { accountId }, options);
    }
    return due.length;
  }
}
