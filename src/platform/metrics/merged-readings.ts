import { CATALOGUE, type WatchedName } from './catalogue.js';
import type { LabelBounds } from './label-bounds.js';
import type { MetricSpec } from './metric-spec.js';

interface Merged {
  readonly labels: Record<string, string>;
  readonly value: number;
}

const MERGES = {
  sum: (a: number, b: number): number => a + b,
  max: (a: number, b: number): number => Math.max(a, b),
  min: (a: number, b: number): number => Math.min(a, b),
};

/** Readings as they may be told: those that do not differ in a label that is told are one. */
export function mergedReadings(
  name: WatchedName,
  readings: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[],
  bounds: LabelBounds,
): readonly Merged[] {
  const spec: MetricSpec = CATALOGUE[name];
  const merge = MERGES[spec.merge ?? 'sum'];
  const merged = new Map<string, Merged>();
  for (const { labels, value } of readings) {
    const told = bounds.bounded(name, labels);
    const key = JSON.stringify(told);
    const before = merged.get(key);
    merged.set(key, { labels: told, value: before === undefined ? value : merge(before.value, value) });
  }
  return [...merged.values()];
}
