import type { Counter, Histogram, Meter } from '@opentelemetry/api';
import { CATALOGUE, type CounterName, type HistogramName, type MetricName } from './catalogue.js';
import type { Recorder } from './instruments.js';
import type { LabelBounds } from './label-bounds.js';
import type { MetricSpec } from './metric-spec.js';

/** What is recorded as it happens, as instruments of a meter. */
export class MeterRecorder implements Recorder {
  private readonly counters = new Map<string, Counter>();
  private readonly histograms = new Map<string, Histogram>();

  constructor(
    meter: Meter,
    private readonly bounds: LabelBounds,
  ) {
    for (const [name, { kind, help: description, buckets = [] }] of Object.entries<MetricSpec>(CATALOGUE)) {
      if (kind === 'counter') this.counters.set(name, meter.createCounter(name, { description }));
      if (kind !== 'histogram') continue;
      const advice = { explicitBucketBoundaries: [...buckets] };
      this.histograms.set(name, meter.createHistogram(name, { description, advice }));
    }
  }

  add(name: CounterName, labels: Readonly<Record<string, string>>, amount: number): void {
    this.counters.get(name)?.add(amount, this.told(name, labels));
  }

  observe(name: HistogramName, labels: Readonly<Record<string, string>>, value: number): void {
    this.histograms.get(name)?.record(value, this.told(name, labels));
  }

  private told(name: MetricName, labels: Readonly<Record<string, string>>): Record<string, string> {
    return this.bounds.bounded(name, labels);
  }
}
