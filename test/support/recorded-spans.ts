import { context, propagation, trace } from '@opentelemetry/api';
import { node, tracing } from '@opentelemetry/sdk-node';

export type RecordedSpan = tracing.ReadableSpan;

/** Records the spans of the test file that calls this, as soon as they end. */
export function useSpans(): { ended(): readonly RecordedSpan[]; reset(): void } {
  const exporter = new tracing.InMemorySpanExporter();
  const provider = new node.NodeTracerProvider({ spanProcessors: [new tracing.SimpleSpanProcessor(exporter)] });

  beforeAll(() => provider.register());
  afterAll(async () => {
    await provider.shutdown();
    for (const api of [trace, context, propagation]) api.disable();
  });

  return { ended: () => exporter.getFinishedSpans(), reset: () => exporter.reset() };
}
