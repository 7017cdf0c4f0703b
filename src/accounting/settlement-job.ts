import type { JobsOptions } from 'bullmq';
import type { CallId } from '../core/index.js';
import type { SettlementRecord } from './records.js';

export const SETTLE_JOB = 'settle';

/** Calls whose records are in the outbox. */
export interface SettleJob {
  readonly callIds: readonly CallId[];
}

/** What gateways of the version before this one hand over: they have no outbox. */
export interface RecordsJob {
  readonly records: readonly SettlementRecord[];
}

/** Tried again for a minute. A job that fails for longer, or is lost, loses nothing: its calls are in the outbox. */
export const SETTLE_OPTIONS: JobsOptions = {
  attempts: 30,
  backoff: { type: 'fixed', delay: 2_000 },
  removeOnComplete: true,
  removeOnFail: { age: 86_400, count: 100 },
};
