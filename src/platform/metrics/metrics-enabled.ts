import type { Config } from '../config/index.js';

/** Without a port nobody can look, nothing is recorded, and the OpenTelemetry SDK is not even loaded. */
export const metricsEnabled = ({ METRICS_PORT }: Pick<Config, 'METRICS_PORT'>): boolean => METRICS_PORT !== 0;
