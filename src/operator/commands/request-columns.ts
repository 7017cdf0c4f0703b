import type { LoggedRequest } from '../../accounting/index.js';
import type { Field } from './delimited.js';
import type { LedgerNames } from './ledger-names.js';
import { costOfEntry, tokensOfEntry } from './request-cost.js';

type Entry = NonNullable<LoggedRequest['ledger']>;

const elapsedMs = ({ receivedAt, completedAt }: LoggedRequest): number | undefined =>
  completedAt && completedAt.getTime() - receivedAt.getTime();

/** For a person. */
export const shownRequest = (request: LoggedRequest) => ({
  received: request.receivedAt,
  key: request.keyLabel,
  model: request.model === '' ? undefined : request.model,
  account: request.attempts.at(-1)?.accountLabel,
  outcome: request.status,
  status: request.httpStatus,
  error: request.errorCode,
  tokens: tokensOfEntry(request.ledger),
  cost_usd: costOfEntry(request.ledger),
  took_ms: elapsedMs(request),
  id: request.callId,
});

/** The names of an export's columns, in their order. */
export const REQUEST_COLUMNS = [
  ...['id', 'request_id', 'received_at', 'completed_at', 'took_ms', 'pool', 'pool_id', 'key', 'key_id'],
  ...['account', 'account_id', 'attempts', 'dialect', 'route', 'transport', 'model', 'actual_model', 'service_tier'],
  ...['outcome', 'http_status', 'error_code', 'input_uncached', 'input_cached', 'cache_write', 'output', 'reasoning'],
  ...['total_tokens', 'estimated_input', 'estimated_output', 'cost_usd', 'cost_status', 'price_version', 'metered'],
];

/** For machines: everything that the log has of a call in one row. */
export const exportedRequest = (
  request: LoggedRequest,
  names: Pick<LedgerNames, 'pool'>,
): Readonly<Record<string, Field>> => ({
  id: request.callId,
  request_id: request.requestId,
  received_at: request.receivedAt.toISOString(),
  completed_at: request.completedAt?.toISOString(),
  took_ms: elapsedMs(request),
  pool: names.pool(request.poolId),
  pool_id: request.poolId,
  key: request.keyLabel,
  key_id: request.keyId,
  account: request.attempts.at(-1)?.accountLabel,
  account_id: request.attempts.at(-1)?.accountId ?? request.ledger?.accountId,
  attempts: request.attempts.length,
  dialect: request.dialect,
  route: request.route,
  transport: request.transport,
  model: request.model,
  outcome: request.status,
  http_status: request.httpStatus,
  error_code: request.errorCode,
  ...exportedEntry(request.ledger),
});

const exportedEntry = (entry: Entry | undefined): Readonly<Record<string, Field>> => ({
  ...(entry ? exportedUsage(entry) : {}),
  total_tokens: tokensOfEntry(entry),
  cost_usd: costOfEntry(entry),
});

const exportedUsage = ({ usage, estimate, cost, ...entry }: Entry): Readonly<Record<string, Field>> => ({
  actual_model: entry.model,
  service_tier: entry.serviceTier,
  input_uncached: usage?.inputUncached,
  input_cached: usage?.inputCached,
  cache_write: usage?.cacheWrite,
  output: usage?.output,
  reasoning: usage?.reasoning,
  estimated_input: estimate?.input,
  estimated_output: estimate?.output,
  cost_status: cost.status,
  price_version: cost.priceVersion,
  metered: entry.metered === true,
});
