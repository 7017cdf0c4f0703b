import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { JobSchedules, QUEUES } from '../platform/queue/index.js';
import { SWEEP_PERIOD_MS } from './timing.js';

export const SWEEP_JOB = 'sweep';

/** One sweep per period, however many workers run. */
@Injectable()
export class SweepSchedule implements OnApplicationBootstrap {
  constructor(private readonly schedules: JobSchedules) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.schedules.every(QUEUES.maintenance, { name: SWEEP_JOB, everyMs: SWEEP_PERIOD_MS });
  }
}
