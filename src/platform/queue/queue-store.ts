import type { Job, JobSchedulerJson, JobsOptions, Processor, RepeatOptions, WorkerOptions } from 'bullmq';
import type { QueueName } from './names.js';

/** What becomes of a job, as far as operators ask. */
export type JobState = 'waiting' | 'active' | 'delayed' | 'failed';

/** As much of BullMQ's `Queue` as is used, whatever its backend. */
export interface OpenQueue {
  add(name: string, data: object, options?: JobsOptions): Promise<unknown>;
  upsertJobScheduler(
    id: string,
    repeat: Omit<RepeatOptions, 'key'>,
    template: { name: string; data: object; opts: { attempts: number } },
  ): Promise<unknown>;
  getJobSchedulers(): Promise<JobSchedulerJson[]>;
  removeJobScheduler(id: string): Promise<unknown>;
  getJobCounts(...states: JobState[]): Promise<Record<string, number>>;
  /** The longest first; `timestamp` is Unix time in milliseconds. */
  getWaiting(start: number, end: number): Promise<readonly { readonly timestamp: number }[]>;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** As much of BullMQ's `Worker`. */
export interface OpenWorker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'failed', listener: (job: Job | undefined, error: Error) => void): unknown;
  /**
   * Takes no more jobs and waits for the ones it has.
   *
   * @param force does not wait, and what its jobs do from now on is not recorded
   */
  close(force?: boolean): Promise<void>;
  /** Aborts the signal that a processor is given as its third argument. */
  cancelAllJobs(): void;
  disconnect(): Promise<void>;
}

/** Where queues live: opens the two ends of a queue on connections of their own kinds. */
export interface QueueStore {
  /** For producers: operations fail soon when the store is away. Does not wait for the connection. */
  openQueue(name: QueueName): OpenQueue;
  /** For processors: waits for the store as long as it takes. Begins to take jobs at once. */
  openWorker(name: string, processor: Processor, options: Partial<WorkerOptions>): OpenWorker;
  /** Calls `listener` whenever the store of the queues is reached, at first and again. Not where it loses nothing. */
  onReady(listener: () => void): void;
  /** Whether workers are cut off now. An orderly end of a worker would wait until they are not. */
  isAway(): boolean;
  /** Ends the connections that queues and workers share, after those were closed or given up. */
  close(): Promise<void>;
}
