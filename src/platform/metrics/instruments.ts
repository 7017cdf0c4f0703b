import type { CounterName, HistogramName, LabelsOf, WatchedName } from './catalogue.js';

/** What a metric stands at. */
export interface Reading<N extends WatchedName> {
  readonly labels: LabelsOf<N>;
  readonly value: number;
}

export type Readings = { readonly [N in WatchedName]?: readonly Reading<N>[] };

/** Says what some gauges stand at; asked whenever somebody looks. */
export type Watch = () => Readings | Promise<Readings>;

/** Where numbers go. */
export interface Recorder {
  add(name: CounterName, labels: Readonly<Record<string, string>>, amount: number): void;
  observe(name: HistogramName, labels: Readonly<Record<string, string>>, value: number): void;
}

/** Of the process, like the meter of OpenTelemetry itself: absent while nobody looks at metrics. */
let recorder: Recorder | undefined;
const watches = new Set<Watch>();

export function recordTo(to: Recorder | undefined): void {
  recorder = to;
}

export const allWatches = (): readonly Watch[] => [...watches];

/** One more of what a counter counts, or so many. Costs nothing while nobody looks at metrics. */
export function count<N extends CounterName>(name: N, labels: LabelsOf<N>, amount = 1): void {
  recorder?.add(name, labels, amount);
}

/** @param value in the unit that the name ends in */
export function observe<N extends HistogramName>(name: N, labels: LabelsOf<N>, value: number): void {
  recorder?.observe(name, labels, value);
}

/** @returns what ends it */
export function watch(read: Watch): () => void {
  watches.add(read);
  return () => void watches.delete(read);
}
