import { Processor, WorkerHost } from '@nestjs/bullmq';
import { UnrecoverableError, type Job } from 'bullmq';
import { QUEUES } from '../platform/queue/index.js';
import { SWEEP_JOB } from './sweep.schedule.js';
import { SweepService } from './sweep.service.js';

/** One look per job. One that fails is not repeated: the next one is due in a moment. */
@Processor(QUEUES.maintenance)
export class SweepProcessor extends WorkerHost {
  constructor(private readonly sweeps: SweepService) {
    super();
  }

  async process(job: Job): Promise<number> {
    if (job.name !== SWEEP_JOB) throw new UnrecoverableError('no such maintenance job');
    return this.sweeps.sweep();
  }
}
