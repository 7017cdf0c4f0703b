import { z } from 'zod';
import { accountView, quotaView, type AccountView, type QuotaView } from '../../control/index.js';
import { tool, type ToolCall } from '../tool.js';
import { everything, isLike, poolMeant } from './asked.js';
import { instant, instantOrNone, limitOf, poolSelector, query, selector, text, textOrNone } from './fields.js';
import { detail, detailOf, findNamed, list, listOf, noList, type Found } from './found.js';

const status = accountView.shape.status;
const upstream = z.strictObject({
  id: z.uuid(),
  account_label: text,
  account_email: textOrNone,
  workspace_ref: z.string().nullable(),
  onboarding_method: z.string().describe('codex login or openai key'),
  status,
  status_reason: z.string().nullable(),
  plan_family: z.string().nullable(),
  auth_fresh_at: instantOrNone,
  auth_expires_at: instantOrNone,
  last_successful_sync_at: instantOrNone,
  created_at: instant,
  assignment_summary: z.array(
    z.strictObject({ pool_id: z.uuid(), pool_slug: z.string(), status: z.string(), priority: z.int() }),
  ),
  quota_summary: z
    .strictObject({
      verdict: z.string(),
      routing_usable: z.boolean(),
      routing_unusable_reason: z.string().nullable(),
      pressure_percent: z.number(),
      freshness_status: z.string(),
      clears_at: instantOrNone,
    })
    .nullable(),
  open_calls: z.int(),
});

export const listUpstreams = tool({
  name: 'list_upstreams',
  title: 'Upstream accounts',
  description: 'The accounts that serve the Pools that you may see: state, plan, login and quota in short.',
  effect: 'reads',
  input: z.strictObject({ query, status: status.optional(), pool_selector: poolSelector, limit: limitOf(100, 25) }),
  output: listOf(upstream),
  run: async ({ query: wanted, status: state, pool_selector, limit }, call) => {
    const pool = await poolMeant(call, pool_selector);
    if (pool && pool.status !== 'ok') return noList(pool, limit);
    const only = pool ? { pool: pool.thing.slug } : {};
    const all = await everything(call, 'accounts.list', accountView, { ...only, ...(state && { status: state }) });
    const quotas = await quotasOf(call);
    const fitting = all.filter(({ label, plan }) => isLike(wanted, [label, plan]));
    return list(
      'accounts',
      fitting.map((each) => upstreamOf(each, quotas.get(each.id))),
      limit,
    );
  },
});

export const getUpstream = tool({
  name: 'get_upstream',
  title: 'An upstream account',
  description: 'One account, by its id or label.',
  effect: 'reads',
  input: z.strictObject({ selector: selector('its id or label'), pool_selector: poolSelector }),
  output: detailOf('upstream', upstream),
  run: async ({ selector: wanted, pool_selector }, call) =>
    detail('upstream', await accountMeant(call, wanted, pool_selector), async (found) =>
      upstreamOf(found, (await quotasOf(call)).get(found.id)),
    ),
});

/** The account that is meant, in a Pool if one is named. */
export async function accountMeant(call: ToolCall, wanted: string, poolWanted?: string): Promise<Found<AccountView>> {
  const pool = await poolMeant(call, poolWanted);
  if (pool && pool.status !== 'ok') return pool;
  const all = await everything(call, 'accounts.list', accountView, pool && { pool: pool.thing.slug });
  return findNamed(all, wanted, ({ id, label }) => ({ id, label, names: [label] }));
}

const quotasOf = async (call: ToolCall): Promise<ReadonlyMap<string, QuotaView>> =>
  new Map((await everything(call, 'quota.list', quotaView)).map((quota) => [quota.accountId, quota]));

const upstreamOf = (each: AccountView, quota: QuotaView | undefined): z.input<typeof upstream> => ({
  id: each.id,
  account_label: each.label,
  account_email: each.email,
  workspace_ref: each.workspaceRef,
  onboarding_method: each.kind === 'openai' ? 'openai key' : 'codex login',
  status: each.status,
  status_reason: each.statusReason,
  plan_family: each.plan,
  auth_fresh_at: each.lastRefreshedAt,
  auth_expires_at: each.accessTokenExpiresAt,
  last_successful_sync_at: each.lastSuccessAt,
  created_at: each.createdAt,
  assignment_summary: assignmentsOf(each),
  quota_summary: quota
    ? {
        verdict: quota.verdict,
        routing_usable: quota.usable,
        routing_unusable_reason: quota.reason,
        pressure_percent: quota.pressurePercent,
        freshness_status: quota.freshness,
        clears_at: quota.clearsAt,
      }
    : null,
  open_calls: each.openCalls,
});

export const assignmentsOf = ({ pools }: AccountView) =>
  pools.map(({ poolId, pool, status: state, priority }) => ({
    pool_id: poolId,
    pool_slug: pool,
    status: state,
    priority,
  }));
