import type { JobsOptions } from 'bullmq';
import type { SettlementRecord } from './records.js';

export const SETTLE_JOB = 'settle';

/** Metadata only: the queue keeps it in clear text. */
export interface SettleJob {
  readonly records: readonly SettlementRecord[];
}

/**
 * Tried again for ten minutes, which an outage of Postgres fits into: if the gateway that made the job is gone, the job
 * is the only one that knows the usage.
 */
export const SETTLE_OPTIONS: JobsOptions = {
  attempts: 300,
  backoff: { type: 'fixed', delay: 2_000 },
  removeOnComplete: true,
  removeOnFail: { age: 86_400, count: 100 },
};
