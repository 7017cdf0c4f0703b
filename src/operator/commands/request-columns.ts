import type { RequestView } from '../../control/index.js';
import type { Field } from './delimited.js';

const elapsedMs = ({ receivedAt, completedAt }: RequestView): number | undefined =>
  completedAt === null ? undefined : Date.parse(completedAt) - Date.parse(receivedAt);

/** In USD, or why there is no sum of money: said, never zero; `undefined` while the call is in flight. */
export const costOf = ({ costUsd, costStatus }: RequestView): string | undefined => costUsd ?? costStatus ?? undefined;

/** All of them; `undefined` while the call is in flight. */
export function tokensOf({ usage, costStatus }: RequestView): number | string | undefined {
  if (costStatus === null) return undefined;
  return usage?.totalTokens ?? (costStatus === 'none' ? 0 : 'unknown');
}

/** For a person. */
export const shownRequest = (request: RequestView) => ({
  received: request.receivedAt,
  key: request.keyLabel,
  model: request.model === '' ? undefined : request.model,
  account: request.accountLabel,
  outcome: request.status,
  status: request.httpStatus,
  error: request.errorCode,
  tokens: tokensOf(request),
  cost_usd: costOf(request),
  took_ms: elapsedMs(request),
  id: request.id,
});

/** The names of an export's columns, in their order. */
export const REQUEST_COLUMNS = [
  ...['id', 'request_id', 'received_at', 'completed_at', 'took_ms', 'pool', 'pool_id', 'key', 'key_id'],
  ...['account', 'account_id', 'attempts', 'dialect', 'route', 'transport', 'model', 'actual_model', 'service_tier'],
  ...['outcome', 'http_status', 'error_code', 'input_uncached', 'input_cached', 'cache_write', 'output', 'reasoning'],
  ...['total_tokens', 'estimated_input', 'estimated_output', 'cost_usd', 'cost_status', 'price_version', 'metered'],
];

/** For machines: everything that the log has of a call in one row. */
export const exportedRequest = (request: RequestView): Readonly<Record<string, Field>> => ({
  id: request.id,
  request_id: request.requestId,
  received_at: request.receivedAt,
  completed_at: request.completedAt,
  took_ms: elapsedMs(request),
  pool: request.pool,
  pool_id: request.poolId,
  key: request.keyLabel,
  key_id: request.keyId,
  account: request.accountLabel,
  account_id: request.accountId,
  attempts: request.attemptCount,
  dialect: request.dialect,
  route: request.route,
  transport: request.transport,
  model: request.model,
  outcome: request.status,
  http_status: request.httpStatus,
  error_code: request.errorCode,
  actual_model: request.actualModel,
  service_tier: request.serviceTier,
  ...exportedUsage(request),
  total_tokens: tokensOf(request),
  cost_usd: costOf(request),
  cost_status: request.costStatus,
  price_version: request.priceVersion,
  metered: request.costStatus === null ? undefined : request.metered,
});

const exportedUsage = ({ usage, estimate }: RequestView): Readonly<Record<string, Field>> => ({
  input_uncached: usage?.inputUncached,
  input_cached: usage?.inputCached,
  cache_write: usage?.cacheWrite,
  output: usage?.output,
  reasoning: usage?.reasoning,
  estimated_input: estimate?.input,
  estimated_output: estimate?.output,
});
