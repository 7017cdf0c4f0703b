import { z } from 'zod';
import { requestDetailView, requestView, type RequestDetailView, type RequestView } from '../../control/index.js';
import { tool, type ToolCall } from '../tool.js';
import { part, present, slugOf, type Part } from './asked.js';
import { instant, instantOrNone, limitOf, offset, poolSelector, text, textOrNone } from './fields.js';
import { detail, detailOf, orMissing } from './found.js';

const status = requestView.shape.status;
const tokens = z.int();

const fields = {
  id: z.uuid(),
  pool_id: z.uuid(),
  pool_slug: z.string(),
  api_key_id: z.uuid(),
  api_key_name: text,
  requested_model: z.string(),
  actual_model: z.string().nullable(),
  endpoint: z.string(),
  transport: z.string(),
  status,
  usage_status: z.enum(['known', 'estimated', 'unknown']),
  correlation_id: text,
  response_status_code: z.int().nullable(),
  retry_count: z.int(),
  denial_reason: z.string().nullable(),
  latency_ms: z.int().nullable(),
  first_event_ms: z.int().nullable(),
  token_counts: z
    .strictObject({ input_uncached: tokens, input_cached: tokens, output: tokens, reasoning: tokens, total: tokens })
    .nullable(),
  cost: z.strictObject({
    usd: z.string().nullable(),
    status: z.string().nullable(),
    price_version: z.string().nullable(),
  }),
  errors: z.strictObject({ code: z.string().nullable(), blame: z.string().nullable() }),
  admitted_at: instant,
  completed_at: instantOrNone,
  upstream_identity_id: z.uuid().nullable(),
  upstream_account_label: textOrNone,
  service_tier: z.string().nullable(),
};
const request = z.strictObject(fields);
const attempt = z.strictObject({
  number: z.int(),
  upstream_identity_id: z.uuid(),
  upstream_account_label: text,
  status: z.string(),
  error_code: z.string().nullable(),
  upstream_status: z.int().nullable(),
  started_at: instant,
  completed_at: instantOrNone,
});
const requestDetail = z.strictObject({
  ...fields,
  debug: z.strictObject({
    attempts: z.array(attempt),
    excluded: z.array(z.strictObject({ upstream_account_label: text, reason: z.string() })),
    routing: z
      .strictObject({
        strategy: z.string(),
        evidence_policy: z.string(),
        locality: z.string(),
        pin: z.strictObject({ reason: z.string(), required: z.boolean() }).nullable(),
      })
      .nullable(),
  }),
});

const filters = {
  pool_id: poolSelector,
  status: status.optional(),
  model: z.string().trim().min(1).max(200).optional(),
  request_id: z.string().trim().min(1).max(200).optional().describe('its id, or the x-request-id that its client saw'),
  upstream_identity_id: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe('id or label of an account that was asked'),
  date_from: z.iso.datetime({ offset: true }).optional(),
  date_to: z.iso.datetime({ offset: true }).optional().describe('up to and without it'),
};

export const listRequestLogs = tool({
  name: 'list_request_logs',
  title: 'Requests',
  description:
    'Calls, the newest first: who asked for which model, which account served, how it ended, tokens and cost.',
  effect: 'reads',
  input: z.strictObject({ ...filters, limit: limitOf(50, 25), offset }),
  output: z.strictObject({
    items: z.array(request),
    total: z.int().nullable().describe('null: there are more than were counted'),
    limit: z.int(),
    offset: z.int(),
    nextOffset: z.int().nullable(),
  }),
  run: async (asked, call) => {
    const { limit, offset: from } = asked;
    const { items, ...rest } = await (asked.request_id === undefined ? several(asked, call) : one(asked, call));
    return {
      text: `${items.length} requests, the newest first.`,
      content: { items: items.map(requestOf), limit, offset: from, ...rest },
    };
  },
});

export const getRequestLog = tool({
  name: 'get_request_log',
  title: 'A request',
  description:
    'One call, by its id or the x-request-id that its client saw: attempts, tokens, cost, and why it went where.',
  effect: 'reads',
  input: z.strictObject({ id: z.string().trim().min(1).max(200) }),
  output: detailOf('request_log', requestDetail),
  run: async ({ id }, call) =>
    detail('request_log', await orMissing(call.ask('requests.get', { request: id })), (found) =>
      requestDetailOf(requestDetailView.parse(found)),
    ),
});

type Filters = { readonly [Name in keyof typeof filters]?: z.output<(typeof filters)[Name]> };
type Asked = Filters & { readonly limit: number; readonly offset: number };

async function several(asked: Asked, call: ToolCall): Promise<Part<RequestView>> {
  const { pool_id, upstream_identity_id: account, date_from: since, date_to: until, status: state, model } = asked;
  const named = { account, since, until, status: state, model };
  const { limit, offset: from } = asked;
  return part(call, 'requests.list', requestView, {
    ...present(named),
    ...(await slugOf(call, pool_id)),
    limit,
    offset: from,
  });
}

/** One id names one call at most; the other filters may still leave it out. */
async function one(asked: Asked, call: ToolCall): Promise<Part<RequestView>> {
  const found = await orMissing(call.ask('requests.get', { request: asked.request_id }));
  const seen = found.status === 'ok' ? [requestDetailView.parse(found.thing)] : [];
  const { pool } = await slugOf(call, asked.pool_id);
  const fitting = seen.filter((each) => fits(each, asked) && (pool === undefined || each.pool === pool));
  return { items: fitting.slice(asked.offset), total: fitting.length, nextOffset: null };
}

function fits(each: RequestDetailView, asked: Asked): boolean {
  const { status: state, model, upstream_identity_id: account, date_from: since, date_to: until } = asked;
  const atMs = Date.parse(each.receivedAt);
  return [
    state === undefined || each.status === state,
    model === undefined || each.model === model,
    account === undefined || each.attempts.some((tried) => [tried.accountId, tried.accountLabel].includes(account)),
    since === undefined || atMs >= Date.parse(since),
    until === undefined || atMs < Date.parse(until),
  ].every(Boolean);
}

const requestOf = (each: RequestView): z.input<typeof request> => ({
  id: each.id,
  pool_id: each.poolId,
  pool_slug: each.pool,
  api_key_id: each.keyId,
  api_key_name: each.keyLabel,
  requested_model: each.model,
  actual_model: each.actualModel,
  endpoint: each.route,
  transport: each.transport,
  status: each.status,
  usage_status: each.usage ? 'known' : each.estimate ? 'estimated' : 'unknown',
  correlation_id: each.requestId,
  response_status_code: each.httpStatus,
  retry_count: Math.max(0, each.attemptCount - 1),
  denial_reason: each.status === 'rejected' ? each.errorCode : null,
  latency_ms: between(each.receivedAt, each.completedAt),
  first_event_ms: between(each.receivedAt, each.firstEventAt),
  token_counts: tokensOf(each.usage),
  cost: { usd: each.costUsd, status: each.costStatus, price_version: each.priceVersion },
  errors: { code: each.errorCode, blame: each.blame },
  admitted_at: each.receivedAt,
  completed_at: each.completedAt,
  upstream_identity_id: each.accountId,
  upstream_account_label: each.accountLabel,
  service_tier: each.serviceTier,
});

const between = (from: string, to: string | null): number | null =>
  to === null ? null : Date.parse(to) - Date.parse(from);

const tokensOf = (usage: RequestView['usage']) =>
  usage && {
    input_uncached: usage.inputUncached,
    input_cached: usage.inputCached,
    output: usage.output,
    reasoning: usage.reasoning,
    total: usage.totalTokens,
  };

const requestDetailOf = (each: RequestDetailView): z.input<typeof requestDetail> => ({
  ...requestOf(each),
  debug: {
    attempts: each.attempts.map((tried) => ({
      number: tried.number,
      upstream_identity_id: tried.accountId,
      upstream_account_label: tried.accountLabel,
      status: tried.status,
      error_code: tried.errorCode,
      upstream_status: tried.upstreamStatus,
      started_at: tried.startedAt,
      completed_at: tried.completedAt,
    })),
    excluded: each.exclusions.map(({ label, reason }) => ({ upstream_account_label: label, reason })),
    routing: each.decision && routingOf(each.decision),
  },
});

const routingOf = ({ strategy, evidence, locality, pin }: NonNullable<RequestDetailView['decision']>) => ({
  strategy,
  evidence_policy: evidence,
  locality,
  pin: pin ? { reason: pin.reason, required: pin.required } : null,
});
