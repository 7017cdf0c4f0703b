import { ACCOUNTS } from './account-metrics.js';
import type { MetricKind } from './metric-spec.js';
import { PROCESS } from './process-metrics.js';
import { TRAFFIC } from './traffic-metrics.js';
import { WORK } from './work-metrics.js';

/** Every metric there is. docs/metrics.md is written from it, and nothing else can be recorded. */
export const CATALOGUE = { ...TRAFFIC, ...ACCOUNTS, ...WORK, ...PROCESS } as const;

type Catalogue = typeof CATALOGUE;

export type MetricName = keyof Catalogue;

type OfKind<K extends MetricKind> = { [N in MetricName]: Catalogue[N]['kind'] extends K ? N : never }[MetricName];

export type CounterName = OfKind<'counter'>;
export type HistogramName = OfKind<'histogram'>;
export type WatchedName = OfKind<'gauge' | 'total'>;

/** All labels of a metric: one that is switched off is left out later. */
export type LabelsOf<N extends MetricName> = Readonly<Record<keyof Catalogue[N]['labels'], string>>;
