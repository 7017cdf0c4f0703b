import { context, SpanKind, SpanStatusCode, trace, type Attributes, type Context, type Span } from '@opentelemetry/api';

const tracer = trace.getTracer('codex-pooler');

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** The context to hang the span under; the active one when absent. */
  readonly parent?: Context;
}

/** Only the class of a failure goes into a span: messages may hold a provider's words. */
export function failSpan(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'unknown' });
}

/** A span that ends when its stream does, however that is: done, failed, or abandoned by its reader. */
export async function* inSpan<T>(
  name: string,
  { kind = SpanKind.INTERNAL, attributes = {}, parent = context.active() }: SpanOptions,
  open: (span: Span, scope: Context) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const span = tracer.startSpan(name, { kind, attributes }, parent);
  // A generator runs in the context of whoever pulls it (nodejs/node#42237): re-enter ours at every pull.
  const scope = trace.setSpan(parent, span);
  const source = open(span, scope)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await context.with(scope, () => source.next());
      if (step.done === true) return;
      yield step.value;
    }
  } catch (error) {
    failSpan(span, error);
    throw error;
  } finally {
    await context.with(scope, () => source.return?.());
    span.end();
  }
}

/** A span of something that is over, under the active one. @param startMs Unix time in milliseconds, as `endMs` */
export function pastSpan(name: string, attributes: Attributes, startMs: number, endMs: number): void {
  tracer.startSpan(name, { kind: SpanKind.INTERNAL, attributes, startTime: startMs }).end(endMs);
}

/** A span round one promise. */
export async function withSpan<T>(
  name: string,
  { kind = SpanKind.INTERNAL, attributes = {}, parent = context.active() }: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = tracer.startSpan(name, { kind, attributes }, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    failSpan(span, error);
    throw error;
  } finally {
    span.end();
  }
}
