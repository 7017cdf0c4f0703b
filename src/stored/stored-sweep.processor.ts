import { Processor, WorkerHost } from '@nestjs/bullmq';
import { UnrecoverableError, type Job } from 'bullmq';
import { QUEUES } from '../platform/queue/index.js';
import { StoredItems } from './stored-items.service.js';
import { SWEEP_JOB } from './stored-sweep.schedule.js';

/** One sweep per job. One that fails is not repeated: the next one is due soon. */
@Processor(QUEUES.storedItems)
export class StoredSweepProcessor extends WorkerHost {
  constructor(private readonly items: StoredItems) {
    super();
  }

  async process({ name }: Pick<Job, 'name'>): Promise<number> {
    if (name !== SWEEP_JOB) throw new UnrecoverableError('no such job');
    return this.items.sweep(Date.now());
  }
}
