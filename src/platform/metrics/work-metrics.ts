import type { MetricSpec } from './metric-spec.js';

const QUEUE = { atMost: 20 } as const;
const JOB = { atMost: 100 } as const;

/** What is done behind the calls. */
export const WORK = {
  gw_settlement_lag_seconds: {
    kind: 'histogram',
    help: 'From the end of a call to its row in the ledger',
    role: 'every',
    labels: {},
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
  },
  gw_settlements_waiting: {
    kind: 'gauge',
    help: 'Calls that are over and have no row in the ledger yet',
    role: 'worker',
    labels: {},
  },
  gw_settlement_oldest_seconds: {
    kind: 'gauge',
    help: 'How long the first of those calls has waited',
    role: 'worker',
    labels: {},
  },
  gw_orphans_settled_total: {
    kind: 'counter',
    help: 'Calls of lost processes that the sweep settled',
    role: 'worker',
    labels: {},
  },
  gw_job_runs_total: {
    kind: 'counter',
    help: 'Runs of jobs that ended',
    role: 'worker',
    labels: { queue: QUEUE, job: JOB, result: ['succeeded', 'failed'] },
  },
  gw_job_duration_seconds: {
    kind: 'histogram',
    help: 'How long jobs took',
    role: 'worker',
    labels: { queue: QUEUE, job: JOB, result: ['succeeded', 'failed'] },
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800],
  },
  gw_queue_depth: {
    kind: 'gauge',
    help: 'Jobs in a queue',
    role: 'worker',
    labels: { queue: QUEUE, state: ['waiting', 'active', 'delayed', 'failed'] },
  },
  gw_queue_oldest_seconds: {
    kind: 'gauge',
    help: 'How long the job that is next in a queue has waited, 0 when none waits',
    role: 'worker',
    labels: { queue: QUEUE },
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;
