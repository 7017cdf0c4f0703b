import { readdirSync } from 'node:fs';
import { constants, monitorEventLoopDelay, performance, PerformanceObserver } from 'node:perf_hooks';
import { observe, watch, type Readings } from './instruments.js';

const DELAY_RESOLUTION_MS = 10;
const NS = 1e9;
const QUANTILES = [0.5, 0.9, 0.99, 1] as const;
const NONE = {};

const GC_KINDS: Readonly<Record<number, 'minor' | 'major' | 'incremental' | 'weakcb'>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};

/** Tells of this process from now on. @returns what ends it */
export function watchProcess(build: { readonly version: string; readonly role: string }): () => void {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  let lastUse = performance.eventLoopUtilization();
  const collections = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { detail } = entry as { readonly detail?: { readonly kind?: number } };
      const kind = GC_KINDS[detail?.kind ?? -1];
      if (kind !== undefined) observe('nodejs_gc_duration_seconds', { kind }, entry.duration / 1_000);
    }
  });
  collections.observe({ entryTypes: ['gc'] });
  const unwatch = watch(() => {
    const { utilization } = performance.eventLoopUtilization(lastUse);
    lastUse = performance.eventLoopUtilization();
    // The monitor times the pause between two of its own timers: what is over its period is delay.
    const late = (quantile: number): number =>
      Math.max(0, (quantile === 1 ? delay.max : delay.percentile(quantile * 100)) / NS - DELAY_RESOLUTION_MS / 1_000);
    const delays = QUANTILES.map((quantile) => ({
      labels: { quantile: String(quantile) },
      value: delay.count === 0 ? 0 : late(quantile),
    }));
    delay.reset();
    return {
      ...memory(),
      gw_build_info: [{ labels: { ...build, node: process.version }, value: 1 }],
      gw_event_loop_delay_seconds: delays,
      nodejs_eventloop_utilization_ratio: one(utilization),
    };
  });
  return () => {
    unwatch();
    collections.disconnect();
    delay.disable();
  };
}

const one = (value: number) => [{ labels: NONE, value }];

function memory(): Readings {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    process_cpu_seconds_total: one((user + system) / 1e6),
    process_resident_memory_bytes: one(rss),
    process_start_time_seconds: one(performance.timeOrigin / 1_000),
    process_open_fds: openFiles(),
    nodejs_heap_size_used_bytes: one(heapUsed),
    nodejs_heap_size_total_bytes: one(heapTotal),
    nodejs_external_memory_bytes: one(external),
  };
}

/** Only Linux says. */
function openFiles() {
  try {
    return one(readdirSync('/proc/self/fd').length);
  } catch {
    return [];
  }
}
