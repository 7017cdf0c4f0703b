import { ValueType, type HrTime } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  type CollectionResult,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import { CATALOGUE, type WatchedName } from './catalogue.js';
import { allWatches, type Readings, type Watch } from './instruments.js';
import type { LabelBounds } from './label-bounds.js';
import { mergedReadings } from './merged-readings.js';
import type { MetricSpec } from './metric-spec.js';

/** What answers later than this is left out of this look: a database that hangs must not hide all other numbers. */
const WATCH_MS = 2_000;
const SCOPE = { name: 'codex-pooler' };
const AT: HrTime = [0, 0];

type Resource = CollectionResult['resourceMetrics']['resource'];

/** Nobody asks for ours: a reader keeps that of its provider. */
const RESOURCE: Resource = { attributes: {}, merge: (other) => other ?? RESOURCE, getRawAttributes: () => [] };

/**
 * What is read whenever somebody looks. Not observable instruments: those go on telling the last value of what is not
 * there any more, such as an account's former state.
 */
export class WatchProducer implements MetricProducer {
  constructor(private readonly bounds: LabelBounds) {}

  async collect(): Promise<CollectionResult> {
    const all = await Promise.all(allWatches().map(inTime));
    const names = Object.keys(CATALOGUE) as WatchedName[];
    const metrics = names.flatMap((name) => this.dataOf(name, all) ?? []);
    return { resourceMetrics: { resource: RESOURCE, scopeMetrics: [{ scope: SCOPE, metrics }] }, errors: [] };
  }

  private dataOf(name: WatchedName, all: readonly Readings[]): MetricData | undefined {
    const { kind, help: description }: MetricSpec = CATALOGUE[name];
    const readings = all.flatMap((read) => read[name] ?? []);
    if (readings.length === 0) return undefined;
    const data = {
      descriptor: { name, description, unit: '', valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints: mergedReadings(name, readings, this.bounds).map(({ labels: attributes, value }) => {
        return { startTime: AT, endTime: AT, attributes, value };
      }),
    };
    return kind === 'total'
      ? { ...data, dataPointType: DataPointType.SUM, isMonotonic: true }
      : { ...data, dataPointType: DataPointType.GAUGE };
  }
}

async function inTime(read: Watch): Promise<Readings> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Readings>((done) => {
    timer = setTimeout(() => done({}), WATCH_MS).unref();
  });
  try {
    return await Promise.race([Promise.resolve().then(read), late]);
  } catch {
    // Gaps show; what reads a database says elsewhere why it could not.
    return {};
  } finally {
    clearTimeout(timer);
  }
}
