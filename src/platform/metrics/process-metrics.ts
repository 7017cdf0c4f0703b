import type { MetricSpec } from './metric-spec.js';

const ROLES = ['gateway', 'worker', 'all'] as const;

/** The process itself, under the names that dashboards know. */
export const PROCESS = {
  gw_build_info: {
    kind: 'gauge',
    help: 'Always 1: what runs, and as what',
    role: 'every',
    labels: { version: { atMost: 1 }, role: ROLES, node: { atMost: 1 } },
  },
  gw_event_loop_delay_seconds: {
    kind: 'gauge',
    help: 'How late timers ran since the last look',
    role: 'every',
    labels: { quantile: ['0.5', '0.9', '0.99', '1'] },
  },
  process_cpu_seconds_total: { kind: 'total', help: 'CPU time used', role: 'every', labels: {} },
  process_resident_memory_bytes: { kind: 'gauge', help: 'Resident memory', role: 'every', labels: {} },
  process_start_time_seconds: { kind: 'gauge', help: 'When it started, as Unix time', role: 'every', labels: {} },
  process_open_fds: { kind: 'gauge', help: 'Open file descriptors', role: 'every', labels: {} },
  nodejs_heap_size_used_bytes: { kind: 'gauge', help: 'Heap in use', role: 'every', labels: {} },
  nodejs_heap_size_total_bytes: { kind: 'gauge', help: 'Heap taken from the system', role: 'every', labels: {} },
  nodejs_external_memory_bytes: { kind: 'gauge', help: 'Memory of buffers and the like', role: 'every', labels: {} },
  nodejs_eventloop_utilization_ratio: {
    kind: 'gauge',
    help: 'How busy the event loop was since the last look',
    role: 'every',
    labels: {},
  },
  nodejs_gc_duration_seconds: {
    kind: 'histogram',
    help: 'Pauses for garbage collection',
    role: 'every',
    labels: { kind: ['minor', 'major', 'incremental', 'weakcb'] },
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;
