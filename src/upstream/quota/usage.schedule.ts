import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { JobSchedules, QUEUES } from '../../platform/queue/index.js';
import { USAGE_DUE_JOB } from './usage-job.js';

/** As exact as accounts that serve need it: they are asked once a minute. */
const PERIOD_MS = 10_000;

/** One look for accounts that are to be asked for their usage, however many workers run. */
@Injectable()
export class UsageSchedule implements OnApplicationBootstrap {
  constructor(private readonly schedules: JobSchedules) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.schedules.every(QUEUES.usage, { name: USAGE_DUE_JOB, everyMs: PERIOD_MS });
  }
}
