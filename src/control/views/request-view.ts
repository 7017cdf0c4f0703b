import { z } from 'zod';
import type { LoggedRequest } from '../../accounting/index.js';
import { totalTokens, usdOf, type Cost } from '../../core/index.js';
import { isoOrNull } from '../instants.js';
import { decisionView, decisionViewOf } from './decision-view.js';

type Entry = NonNullable<LoggedRequest['ledger']>;

export const REQUEST_STATUSES = ['succeeded', 'failed', 'cancelled', 'rejected', 'in_flight'] as const;
const COST_STATUSES = ['priced', 'estimated', 'unpriced', 'unknown', 'none'] as const;

const text = z.string().nullable();
const time = z.iso.datetime().nullable();
const count = z.int().min(0);

const call = {
  id: z.uuid(),
  requestId: z.string().describe('the x-request-id that the client saw'),
  poolId: z.uuid(),
  pool: z.string().describe('slug'),
  keyId: z.uuid(),
  keyLabel: z.string().describe('as it was then'),
  accountId: z.uuid().nullable().describe('that was asked last'),
  accountLabel: text,
  attemptCount: count,
  dialect: z.string(),
  route: z.string(),
  transport: z.enum(['http_sse', 'http_json', 'websocket']),
  model: z.string().describe('that was asked for; empty: none'),
  actualModel: text.describe('that the upstream says it used'),
  serviceTier: text,
  status: z.enum(REQUEST_STATUSES),
  httpStatus: z.int().nullable(),
  errorCode: text,
  blame: text,
  receivedAt: z.iso.datetime(),
  firstEventAt: time,
  completedAt: time,
  usage: z
    .object({
      inputUncached: count,
      inputCached: count,
      cacheWrite: count,
      output: count,
      reasoning: count,
      totalTokens: count,
    })
    .nullable()
    .describe('in tokens, each counted once; null: unknown, or the call is not over'),
  estimate: z.object({ input: count, output: count }).nullable().describe('our own count where usage is unknown'),
  costUsd: text.describe('at list prices; null where costStatus says why there is no sum'),
  costStatus: z.enum(COST_STATUSES).nullable().describe('null: the call is not over'),
  priceVersion: text,
  metered: z.boolean().describe('whether it is paid for by itself'),
};

/** One call, in a list. */
export const requestView = z.object(call);
export type RequestView = z.output<typeof requestView>;

/** One call, and how it came about: metadata only. */
export const requestDetailView = z.object({
  ...call,
  traceId: text,
  attempts: z.array(
    z.object({
      number: z.int(),
      accountId: z.uuid(),
      accountLabel: z.string(),
      status: z.string(),
      errorCode: text,
      upstreamStatus: z.int().nullable(),
      startedAt: z.iso.datetime(),
      firstEventAt: time,
      completedAt: time,
    }),
  ),
  exclusions: z
    .array(z.object({ account: z.string(), label: z.string(), reason: z.string() }))
    .describe('accounts that could not be asked'),
  decision: decisionView.nullable().describe('the last choice of accounts that was made for it'),
});
export type RequestDetailView = z.output<typeof requestDetailView>;

export const requestViewOf = (request: LoggedRequest, pool: string): RequestView => {
  const { ledger, attempts } = request;
  const last = attempts.at(-1);
  return {
    id: request.callId,
    requestId: request.requestId,
    poolId: request.poolId,
    pool,
    keyId: request.keyId,
    keyLabel: request.keyLabel,
    accountId: last?.accountId ?? ledger?.accountId ?? null,
    accountLabel: last?.accountLabel ?? null,
    attemptCount: attempts.length,
    dialect: request.dialect,
    route: request.route,
    transport: request.transport,
    model: request.model,
    ...endOf(request),
    receivedAt: request.receivedAt.toISOString(),
    firstEventAt: isoOrNull(request.firstEventAt),
    completedAt: isoOrNull(request.completedAt),
    ...(ledger ? entryOf(ledger) : NO_ENTRY),
  };
};

const endOf = ({ status, httpStatus, errorCode, blame }: LoggedRequest) => ({
  status,
  httpStatus: httpStatus ?? null,
  errorCode: errorCode ?? null,
  blame: blame ?? null,
});

const NO_ENTRY = {
  actualModel: null,
  serviceTier: null,
  usage: null,
  estimate: null,
  costUsd: null,
  costStatus: null,
  priceVersion: null,
  metered: false,
};

const entryOf = ({ model, serviceTier, usage, estimate, cost, metered }: Entry) => ({
  actualModel: model ?? null,
  serviceTier: serviceTier ?? null,
  usage: usage ? { ...usage, totalTokens: totalTokens(usage) } : null,
  estimate: estimate ?? null,
  costUsd: costOf(cost),
  costStatus: cost.status,
  priceVersion: cost.priceVersion ?? null,
  metered: metered === true,
});

/** What is not known is not zero; what used nothing is. */
function costOf({ status, nanoUsd }: Cost): string | null {
  if (status === 'none') return usdOf(0);
  return status === 'priced' || status === 'estimated' ? usdOf(nanoUsd ?? 0) : null;
}

export const requestDetailViewOf = (request: LoggedRequest, pool: string): RequestDetailView => ({
  ...requestViewOf(request, pool),
  traceId: request.traceId ?? null,
  attempts: request.attempts.map((attempt) => ({
    number: attempt.number,
    accountId: attempt.accountId,
    accountLabel: attempt.accountLabel,
    status: attempt.status,
    errorCode: attempt.errorCode ?? null,
    upstreamStatus: attempt.upstreamStatus ?? null,
    startedAt: attempt.startedAt.toISOString(),
    firstEventAt: isoOrNull(attempt.firstEventAt),
    completedAt: isoOrNull(attempt.completedAt),
  })),
  exclusions: request.exclusions.map(({ account, label, reason }) => ({ account, label, reason })),
  decision: request.decision === undefined ? null : decisionViewOf(request.decision),
});
