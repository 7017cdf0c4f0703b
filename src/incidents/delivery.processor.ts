import { Processor, WorkerHost } from '@nestjs/bullmq';
import { UnrecoverableError, type Job } from 'bullmq';
import { QUEUES } from '../platform/queue/index.js';
import { Deliveries } from './deliveries.service.js';
import { DELIVER_JOB, type DeliveryJob } from './jobs.js';

/** Tells webhooks. Its own queue: receivers that hang must not hold up anything else. */
@Processor(QUEUES.incidents, { concurrency: 8 })
export class DeliveryProcessor extends WorkerHost {
  constructor(private readonly deliveries: Deliveries) {
    super();
  }

  async process({ name, data }: Pick<Job<DeliveryJob>, 'name' | 'data'>): Promise<string> {
    if (name !== DELIVER_JOB) throw new UnrecoverableError('no such job');
    return this.deliveries.deliver(data.deliveryId, Date.now);
  }
}
