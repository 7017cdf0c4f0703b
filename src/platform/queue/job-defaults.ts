import type { DefaultJobOptions, WorkerOptions } from 'bullmq';

const HOUR_S = 3_600;

/** Five tries within about half a minute. What is over is kept for a look at it, and then forgotten. */
export const JOB_DEFAULTS = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
  removeOnComplete: { age: HOUR_S, count: 1_000 },
  removeOnFail: { age: 7 * 24 * HOUR_S, count: 5_000 },
  // Stack traces are for the log of the process that failed.
  stackTraceLimit: 0,
} satisfies DefaultJobOptions;

export const WORKER_DEFAULTS = {
  /** After a lost connection. BullMQ's own 15 s would leave a worker idle long after the store is back. */
  runRetryDelay: 1_000,
} satisfies Partial<WorkerOptions>;
