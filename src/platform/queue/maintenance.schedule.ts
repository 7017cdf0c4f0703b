import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { JobSchedules } from './job-schedules.js';
import { MaintenanceJobs } from './maintenance-jobs.js';
import { QUEUES } from './names.js';

/** One schedule per recurring job, however many workers run. */
@Injectable()
export class MaintenanceSchedule implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: MaintenanceJobs,
    private readonly schedules: JobSchedules,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const jobs = this.jobs.all();
    await Promise.all(jobs.map(({ name, everyMs }) => this.schedules.every(QUEUES.maintenance, { name, everyMs })));
  }
}
