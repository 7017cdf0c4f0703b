import { NodeSDK, resources } from '@opentelemetry/sdk-node';

/**
 * Start the OpenTelemetry SDK; it reads its `OTEL_*` variables itself. Spans are made by hand, at the routed call and its
 * steps: automatic http and undici instrumentation costs more than the whole relay.
 *
 * @returns a function that flushes and stops it
 */
export function startTracing({ version, role }: { readonly version: string; readonly role: string }) {
  const sdk = new NodeSDK({
    serviceName: 'codex-pooler',
    resource: resources.resourceFromAttributes({ 'service.version': version, 'codex_pooler.role': role }),
    instrumentations: [],
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  return (): Promise<void> => sdk.shutdown();
}
