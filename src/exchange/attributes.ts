import { SpanStatusCode, type Attributes, type Span } from '@opentelemetry/api';
import { routeClassOf, type Principal, type RoutedCall } from '../core/index.js';
import type { Decision } from '../routing/index.js';
import type { AccountSnapshot } from '../upstream/index.js';
import type { Reading } from './meter.js';

/**
 * Span attributes: names, ids and counts, never content. `gen_ai.*` follows the OpenTelemetry GenAI semantic conventions;
 * what they do not know is under `codex_pooler.*`.
 */
export const callAttributes = (call: RoutedCall, caller: Principal): Attributes => ({
  'gen_ai.operation.name': operationName(call),
  'gen_ai.provider.name': 'openai',
  ...requestModel(call),
  'codex_pooler.call.id': call.id,
  'codex_pooler.pool': caller.pool.slug,
  'codex_pooler.key.id': caller.keyId,
  'codex_pooler.dialect': call.dialect,
  'codex_pooler.route_class': routeClassOf(call),
  'http.route': call.route,
});

/** What routing found; labels of accounts stay in the request log. */
export const decisionAttributes = ({ strategy, candidates, reserve, exclusions, pin }: Decision): Attributes => ({
  'codex_pooler.route.strategy': strategy,
  'codex_pooler.route.candidates': candidates.length + reserve.length,
  'codex_pooler.route.excluded': exclusions.length,
  ...(pin ? { 'codex_pooler.route.pin': pin.reason } : {}),
});

export const attemptAttributes = (call: RoutedCall, account: AccountSnapshot, number: number): Attributes => ({
  ...requestModel(call),
  'codex_pooler.attempt.number': number,
  'codex_pooler.account.id': account.id,
  'codex_pooler.upstream.kind': account.kind,
});

/** As the conventions name a span: what is done, and with which model. */
export const spanName = (call: RoutedCall): string => `${operationName(call)} ${call.model}`.trim();

/** The conventions know only some operations; the others go by our own names. */
const operationName = ({ operation }: RoutedCall): string => (operation === 'responses' ? 'chat' : operation);

const requestModel = ({ model }: RoutedCall): Attributes => (model === '' ? {} : { 'gen_ai.request.model': model });

export function describeReading(span: Span, reading: Reading, receivedAtMs: number): void {
  const { usage, firstEventAtMs } = reading;
  // A failure that the upstream put into its answer reaches the client as any other event: nothing was thrown.
  if (reading.outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttributes({
    'codex_pooler.outcome': reading.outcome,
    'codex_pooler.attempts': reading.attempts.length,
    ...(reading.httpStatus === undefined ? {} : { 'http.response.status_code': reading.httpStatus }),
    ...(reading.error ? { 'error.type': reading.error.code } : {}),
    ...(reading.actualModel === undefined ? {} : { 'gen_ai.response.model': reading.actualModel }),
    ...(firstEventAtMs === undefined
      ? {}
      : { 'gen_ai.response.time_to_first_chunk': (firstEventAtMs - receivedAtMs) / 1000 }),
    ...(usage && {
      'gen_ai.usage.input_tokens': usage.inputUncached + usage.inputCached + usage.cacheWrite,
      'gen_ai.usage.cache_read.input_tokens': usage.inputCached,
      'gen_ai.usage.cache_creation.input_tokens': usage.cacheWrite,
      'gen_ai.usage.output_tokens': usage.output + usage.reasoning,
      'gen_ai.usage.reasoning.output_tokens': usage.reasoning,
    }),
  });
}
