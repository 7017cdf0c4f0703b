import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { MaintenanceJob } from '../maintenance-jobs.js';
import { JobRunStore } from './job-run-store.js';

const HOUR_MS = 3_600_000;

/** Keeps the table of runs small. */
@Injectable()
export class ForgetRuns implements MaintenanceJob {
  readonly name = 'job-runs';
  readonly everyMs = HOUR_MS;
  private readonly store: JobRunStore;

  constructor(database: DataSource) {
    this.store = new JobRunStore(database);
  }

  async run(): Promise<object> {
    return { forgotten: await this.store.forget(Date.now()) };
  }
}
