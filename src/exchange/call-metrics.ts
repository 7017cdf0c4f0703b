import {
  ERRORS,
  routeClassOf,
  type ErrorCode,
  type GatewayError,
  type Principal,
  type RoutedCall,
} from '../core/index.js';
import type { Settlement } from '../accounting/index.js';
import { count, observe } from '../platform/metrics/index.js';
import { countRoute, type Decision } from '../routing/index.js';
import { transportOf } from './call-intent.js';

type Ended = Pick<
  Settlement,
  'outcome' | 'error' | 'httpStatus' | 'usage' | 'cost' | 'actualModel' | 'attempts' | 'firstEventAtMs'
> & { readonly decision?: Decision };

/** What metrics say of a call that is over. All of it is said here, at its end: an event of its answer costs nothing. */
export function countCall(call: RoutedCall, caller: Principal, ended: Ended, nowMs: number): void {
  const { outcome, httpStatus, firstEventAtMs, decision } = ended;
  const transport = transportOf(call);
  const routeClass = routeClassOf(call);
  const labels = { route_class: routeClass, transport, outcome };
  count('gw_requests_total', {
    ...labels,
    surface: call.route.startsWith('/v1') ? 'v1' : 'native',
    status_class: httpStatus === undefined ? 'none' : `${String(Math.floor(httpStatus / 100))}xx`,
    error_code: ended.error?.code ?? 'none',
    blame: ended.error?.blame ?? 'none',
    pool: caller.pool.slug,
  });
  observe('gw_request_duration_seconds', labels, (nowMs - call.receivedAtMs) / 1000);
  if (firstEventAtMs !== undefined) {
    observe('gw_ttft_seconds', labels, (firstEventAtMs - call.receivedAtMs) / 1000);
    if (call.stream) count('gw_stream_outcome_total', { outcome, transport });
  }
  countAttempts(ended);
  countUsage(call, caller, ended);
  if (decision !== undefined) countRoute(decision);
}

/** An attempt's answer begins. @param startedAtMs when it was sent, Unix time in milliseconds */
export function countHead(call: RoutedCall, startedAtMs: number, nowMs: number): void {
  const labels = { route_class: routeClassOf(call), transport: call.transport };
  observe('gw_upstream_ttfb_seconds', labels, (nowMs - startedAtMs) / 1000);
}

/** The same for a call that was not let in. */
export function countRefusal(call: RoutedCall, caller: Principal, error: GatewayError, nowMs: number): void {
  const { code, status } = error;
  const { blame } = ERRORS[code];
  if (code === 'api_key_policy_limit_exceeded') {
    count('gw_key_limit_denied_total', { limit: error.detail.param ?? 'unknown' });
  }
  const ended = { outcome: 'rejected', error: { code, blame }, httpStatus: status, attempts: [] } as const;
  countCall(call, caller, { ...ended, cost: { status: 'none' } }, nowMs);
}

function countAttempts({ attempts }: Ended): void {
  for (const { number, outcome: result, errorCode } of attempts) {
    const failover = number > 1 ? 'true' : 'false';
    count('gw_attempts_total', { result, failover, reason_class: reasonClass(errorCode) });
  }
}

/** A code that is not ours is the provider's own. */
function reasonClass(code: string | undefined): string {
  if (code === undefined) return 'none';
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode].blame : 'upstream';
}

function countUsage({ model: asked }: RoutedCall, { pool }: Principal, { usage, cost, actualModel }: Ended): void {
  const labels = { model: actualModel ?? asked, pool: pool.slug };
  if (cost.nanoUsd !== undefined && cost.nanoUsd > 0) count('gw_cost_usd_total', labels, cost.nanoUsd / 1e9);
  if (usage === undefined) return;
  const kinds = {
    input: usage.inputUncached,
    cached: usage.inputCached,
    cache_write: usage.cacheWrite,
    output: usage.output,
    reasoning: usage.reasoning,
  };
  for (const [kind, tokens] of Object.entries(kinds)) {
    if (tokens > 0) count('gw_tokens_total', { ...labels, kind }, tokens);
  }
}
