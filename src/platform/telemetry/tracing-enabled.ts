import type { Config } from '../config/index.js';

/** Traces go out when an OTLP endpoint is named; otherwise the SDK is not even loaded. */
export const tracingEnabled = (config: Config): boolean =>
  !config.OTEL_SDK_DISABLED &&
  (config.OTEL_EXPORTER_OTLP_ENDPOINT ?? config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) !== undefined;
