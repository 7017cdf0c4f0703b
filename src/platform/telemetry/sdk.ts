import { NodeSDK } from '@opentelemetry/sdk-node';

/**
 * Start the OpenTelemetry SDK; it reads its `OTEL_*` variables itself. Spans are made by hand, at the routed call and its
 * attempts: automatic http and undici instrumentation costs more than the whole relay.
 *
 * @returns a function that flushes and stops it
 */
export function startTracing(): () => Promise<void> {
  const sdk = new NodeSDK({
    serviceName: 'codex-pooler',
    instrumentations: [],
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  return () => sdk.shutdown();
}
