import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { JobSchedules, QUEUES } from '../platform/queue/index.js';
import { DUE_JOB, EXPIRED_FILES_JOB } from './jobs.js';
import { LOGIN_SWEEP_JOB } from './login/login-job.js';

const PERIOD_MS = 60_000;
/** What is over is refused at once; this only keeps the table small. */
const FILES_PERIOD_MS = 15 * 60_000;

/** One look per minute for what is due, and now and then a sweep, however many workers run. */
@Injectable()
export class RefreshSchedule implements OnApplicationBootstrap {
  constructor(private readonly schedules: JobSchedules) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.schedules.every(QUEUES.tokenRefresh, { name: DUE_JOB, everyMs: PERIOD_MS });
    await this.schedules.every(QUEUES.tokenRefresh, { name: LOGIN_SWEEP_JOB, everyMs: PERIOD_MS });
    await this.schedules.every(QUEUES.tokenRefresh, { name: EXPIRED_FILES_JOB, everyMs: FILES_PERIOD_MS });
  }
}
