export { CATALOGUE, type MetricName } from './catalogue.js';
export { count, observe, recordTo, watch, type Readings } from './instruments.js';
export { metricsEnabled } from './metrics-enabled.js';
