import { z } from 'zod';
import { accountView, quotaView, type AccountView, type QuotaView } from '../../control/index.js';
import { tool } from '../tool.js';
import { everything, slugOf } from './asked.js';
import { instantOrNone, instant, limitOf, offset, poolSelector, selector, text } from './fields.js';
import { detail, detailOf } from './found.js';
import { accountMeant, assignmentsOf } from './upstreams.js';

/** The meter of the account itself; all others are of one model. */
const OF_ACCOUNT = 'codex';

const window = z.strictObject({
  quota_kind: z.literal('window'),
  quota_scope: z.enum(['account', 'model']),
  quota_family: z.string(),
  model: z.string().nullable().describe('whose meter it is, as the provider names it'),
  window_minutes: z.int(),
  remaining_value: z.number().describe('percent'),
  used_percent: z.number(),
  reset_at: instant,
  observed_at: instant,
  freshness_status: z.string(),
  routing_usable: z.boolean(),
  routing_unusable_reason: z.string().nullable(),
  source_precision: z.string().describe('what said so'),
});
const quota = z.strictObject({
  id: z.uuid(),
  label: text,
  workspace_ref: z.string().nullable(),
  status: z.string(),
  plan_family: z.string().nullable(),
  assignment_summary: z.array(
    z.strictObject({ pool_id: z.uuid(), pool_slug: z.string(), status: z.string(), priority: z.int() }),
  ),
  quota_summary: z.strictObject({
    verdict: z.string(),
    routing_usable: z.boolean(),
    routing_unusable_reason: z.string().nullable(),
    pressure_percent: z.number(),
    freshness_status: z.string(),
    observed_at: instantOrNone,
    clears_at: instantOrNone,
    credits: z.strictObject({ available: z.boolean(), unlimited: z.boolean() }).nullable(),
  }),
  quota_windows: z.array(window),
});

const filters = {
  status: accountView.shape.status.optional(),
  plan_family: z.string().trim().min(1).max(100).optional(),
  freshness_status: z.enum(['fresh', 'stale', 'unknown']).optional(),
  routing_usable: z.boolean().optional(),
};

export const listUpstreamQuotas = tool({
  name: 'list_upstream_quotas',
  title: 'Quota of accounts',
  description: 'What providers say of the quota of accounts, window by window, and whether calls can go there.',
  effect: 'reads',
  input: z.strictObject({ pool_id: poolSelector, ...filters, limit: limitOf(100, 50), offset }),
  output: z.strictObject({
    items: z.array(quota),
    count: z.int().describe('all that fit'),
    limit: z.int(),
    offset: z.int(),
    filters: z.strictObject({ pool_id: z.string().optional(), ...filters }),
  }),
  run: async ({ limit, offset: from, ...asked }, call) => {
    const { status, plan_family: plan, freshness_status: freshness, routing_usable: usable } = asked;
    const only = await slugOf(call, asked.pool_id);
    const wanted = {
      ...only,
      ...(plan && { plan }),
      ...(freshness && { freshness }),
      ...(usable !== undefined && { usable }),
    };
    const accounts = await everything(call, 'accounts.list', accountView, only);
    const byId = new Map(accounts.map((account) => [account.id, account]));
    const fitting = (await everything(call, 'quota.list', quotaView, wanted)).flatMap((each) => {
      const account = byId.get(each.accountId);
      return account && (status === undefined || each.status === status) ? [quotaOf(each, account)] : [];
    });
    const items = fitting.slice(from, from + limit);
    return {
      text: `The quota of ${items.length} of ${fitting.length} accounts.`,
      content: { items, count: fitting.length, limit, offset: from, filters: asked },
    };
  },
});

export const getUpstreamQuota = tool({
  name: 'get_upstream_quota',
  title: 'Quota of an account',
  description: 'What the provider says of the quota of one account, by its id or label.',
  effect: 'reads',
  input: z.strictObject({ selector: selector('its id or label') }),
  output: detailOf('upstream_quota', quota),
  run: async ({ selector: wanted }, call) =>
    detail('upstream_quota', await accountMeant(call, wanted), async (account) =>
      quotaOf(quotaView.parse(await call.ask('quota.get', { account: account.id })), account),
    ),
});

const quotaOf = (each: QuotaView, account: AccountView): z.input<typeof quota> => ({
  id: each.accountId,
  label: each.account,
  workspace_ref: account.workspaceRef,
  status: each.status,
  plan_family: each.plan,
  assignment_summary: assignmentsOf(account),
  quota_summary: {
    verdict: each.verdict,
    routing_usable: each.usable,
    routing_unusable_reason: each.reason,
    pressure_percent: each.pressurePercent,
    freshness_status: each.freshness,
    observed_at: each.observedAt,
    clears_at: each.clearsAt,
    credits: each.meters.find(({ limitId }) => limitId === OF_ACCOUNT)?.credits ?? null,
  },
  quota_windows: each.windows.map((one) => windowOf(one, each.meters)),
});

const windowOf = (one: QuotaView['windows'][number], meters: QuotaView['meters']): z.input<typeof window> => ({
  quota_kind: 'window',
  quota_scope: one.limitId === OF_ACCOUNT ? 'account' : 'model',
  quota_family: one.limitId,
  model:
    one.limitId === OF_ACCOUNT ? null : (meters.find(({ limitId }) => limitId === one.limitId)?.name ?? one.limitId),
  window_minutes: one.windowMinutes,
  remaining_value: one.remainingPercent,
  used_percent: one.usedPercent,
  reset_at: one.resetsAt,
  observed_at: one.observedAt,
  freshness_status: one.freshness,
  routing_usable: one.usable,
  routing_unusable_reason: one.reason,
  source_precision: one.source,
});
