import { randomUUID } from 'node:crypto';
import type { InjectionToken, Provider, Type } from '@nestjs/common';

/** Work that recurs. One round of it may run twice, also at the same time, without harm. */
export interface MaintenanceJob {
  /** Names the job, its schedule and its rows. */
  readonly name: string;
  readonly everyMs: number;
  /** @returns numbers and ids for the job's last result: no text of a client's or a provider's */
  run(): Promise<object>;
}

/** The recurring jobs of this process, whichever module they belong to. */
export class MaintenanceJobs {
  private readonly jobs = new Map<string, MaintenanceJob>();

  add(job: MaintenanceJob): void {
    if (this.jobs.has(job.name)) throw new Error(`Two maintenance jobs are named ${job.name}.`);
    this.jobs.set(job.name, job);
  }

  get(name: string): MaintenanceJob | undefined {
    return this.jobs.get(name);
  }

  all(): readonly MaintenanceJob[] {
    return [...this.jobs.values()];
  }
}

/** Providers of a worker's module that imports `MaintenanceModule`: the jobs' classes, and their registration. */
export function maintenanceJobs(...classes: Type<MaintenanceJob>[]): Provider[] {
  const token: InjectionToken = `maintenance jobs ${randomUUID()}`;
  const inject = [MaintenanceJobs, ...classes];
  const register = (jobs: MaintenanceJobs, ...added: MaintenanceJob[]) => added.map((job) => jobs.add(job));
  return [...classes, { provide: token, inject, useFactory: register }];
}
