import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { JobSchedules, QUEUES } from '../platform/queue/index.js';

export const SWEEP_JOB = 'sweep';
/** What is over is not shown from that moment; this only removes it. */
const PERIOD_MS = 5 * 60_000;

/** A sweep now and then, however many workers run. */
@Injectable()
export class StoredSweepSchedule implements OnApplicationBootstrap {
  constructor(private readonly schedules: JobSchedules) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.schedules.every(QUEUES.storedItems, { name: SWEEP_JOB, everyMs: PERIOD_MS });
  }
}
