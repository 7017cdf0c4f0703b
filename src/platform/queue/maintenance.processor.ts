import { Processor, WorkerHost } from '@nestjs/bullmq';
import { UnrecoverableError, type Job } from 'bullmq';
import { MaintenanceJobs } from './maintenance-jobs.js';
import { QUEUES } from './names.js';

/** Does one round of a recurring job. One that fails is not repeated: the next one is due soon. */
@Processor(QUEUES.maintenance, { concurrency: 4 })
export class MaintenanceProcessor extends WorkerHost {
  constructor(private readonly jobs: MaintenanceJobs) {
    super();
  }

  async process({ name }: Pick<Job, 'name'>): Promise<object> {
    const job = this.jobs.get(name);
    if (job === undefined) throw new UnrecoverableError('no such job');
    return job.run();
  }
}
