import { isSpanContextValid, type SpanContext } from '@opentelemetry/api';
import type { CallIntent } from '../accounting/index.js';
import type { Principal, RoutedCall } from '../core/index.js';
import { linkable } from '../platform/telemetry/index.js';
import { sessionDigest } from '../routing/index.js';

/** What the ledger knows of a call before anything happened: metadata only. */
export function callIntent(call: RoutedCall, caller: Principal, span: SpanContext): CallIntent {
  const session = sessionDigest(call, caller);
  const seen = linkable(span);
  return {
    callId: call.id,
    requestId: call.requestId,
    poolId: caller.pool.id,
    keyId: caller.keyId,
    keyLabel: caller.keyLabel,
    dialect: call.dialect,
    route: call.route,
    transport: transportOf(call),
    model: call.model,
    receivedAtMs: call.receivedAtMs,
    ...(session ? { sessionDigest: session } : {}),
    ...(isSpanContextValid(span) ? { traceId: span.traceId } : {}),
    ...(seen ? { spanId: seen.spanId } : {}),
  };
}

export function transportOf({
  transport,
  stream,
  collected,
}: Pick<RoutedCall, 'transport' | 'stream' | 'collected'>): CallIntent['transport'] {
  if (transport === 'websocket') return 'websocket';
  return stream && collected !== true ? 'http_sse' : 'http_json';
}
