import {
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  trace,
  TraceFlags,
  type Context,
  type SpanContext,
} from '@opentelemetry/api';

/** Where in a trace something happened, in the words in which it is stored. */
export interface StoredSpan {
  readonly traceId: string;
  readonly spanId: string;
}

/** Run as part of the trace that a caller names, if it names one; headers in lower case. */
export const inCallersTrace = <T>(headers: Readonly<Record<string, unknown>>, work: () => T): T =>
  context.with(callersContext(headers), work);

/** Only what the W3C calls trace context: baggage is for those who made it. */
function callersContext({ traceparent, tracestate }: Readonly<Record<string, unknown>>): Context {
  if (typeof traceparent !== 'string') return context.active();
  return propagation.extract(ROOT_CONTEXT, {
    traceparent,
    ...(typeof tracestate === 'string' ? { tracestate } : {}),
  });
}

/** The headers that tell somebody else of the active span; none when nothing is recorded. */
export function traceHeaders(): Record<string, string> {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  const { traceparent, tracestate } = carrier;
  return { ...(traceparent ? { traceparent } : {}), ...(tracestate ? { tracestate } : {}) };
}

/** What later work can be linked to; undefined when nobody will ever see this span. */
export const linkable = (span: SpanContext): StoredSpan | undefined =>
  isSpanContextValid(span) && (span.traceFlags & TraceFlags.SAMPLED) !== 0
    ? { traceId: span.traceId, spanId: span.spanId }
    : undefined;

/** Say of the active span what caused it. */
export function linkTo(causes: readonly StoredSpan[]): void {
  const links = causes.map(({ traceId, spanId }) => ({
    context: { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true },
  }));
  trace.getActiveSpan()?.addLinks(links.filter((link) => isSpanContextValid(link.context)));
}

/** What a log line says of where in a trace it was written. */
export function tracedLine(): { trace_id?: string; span_id?: string } {
  const span = trace.getActiveSpan()?.spanContext();
  return span !== undefined && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
}
