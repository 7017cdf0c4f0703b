import { z } from 'zod';
import { pageOf, usageRowView, type UsageRowView } from '../../control/index.js';
import { tool } from '../tool.js';
import { present, slugOf } from './asked.js';
import { instant, limitOf, poolSelector, text } from './fields.js';

const GROUPS = ['day', 'pool', 'key', 'account', 'model'] as const;

const count = z.int();
const tokens = z.int().nullable().describe('null: unknown');

const row = z.strictObject({
  day: z.iso.date().optional(),
  pool: z.string().optional().describe('slug'),
  key: text.optional(),
  account: text.nullable().optional().describe('null: calls that were given to no account'),
  model: z.string().nullable().optional(),
  calls: count,
  succeeded: count,
  failed: count,
  cancelled: count,
  rejected: count,
  unknown_usage: count.describe('calls of which nobody said what they used'),
  token_counts: z.strictObject({
    input_uncached: tokens,
    input_cached: tokens,
    output: tokens,
    reasoning: tokens,
    total: tokens,
  }),
  cost_usd: z.string().nullable().describe('at list prices; null: unknown'),
  cost_status: z.string(),
});

const day = z.iso.date().optional();
const report = pageOf(usageRowView).extend({ from: z.iso.datetime(), to: z.iso.datetime() });

export const usageReport = tool({
  name: 'usage_report',
  title: 'Usage',
  description:
    'What calls used and what that comes to at list prices, by day, Pool, key, account or model; the most used first.',
  effect: 'reads',
  input: z.strictObject({
    group_by: z.array(z.enum(GROUPS)).max(GROUPS.length).default(['key']),
    date_from: day.describe('first day, UTC; absent: six days before the last'),
    date_to: day.describe('the first day that is not in it any more; absent: tomorrow'),
    pool_id: poolSelector,
    model: z.string().trim().min(1).max(200).optional(),
    limit: limitOf(100, 50),
  }),
  output: z.strictObject({ from: instant, to: instant, limit: z.int(), items: z.array(row) }),
  run: async ({ group_by: groupBy, date_from, date_to, pool_id, model, limit }, call) => {
    const period = { from: midnight(date_from), to: midnight(date_to) };
    const asked = { groupBy, sort: 'used', limit, ...(await slugOf(call, pool_id)), ...present({ ...period, model }) };
    const { from, to, items } = report.parse(await call.ask('usage.report', asked));
    return { text: `Usage in ${items.length} rows.`, content: { from, to, limit, items: items.map(rowOf) } };
  },
});

const midnight = (date: string | undefined): string | undefined => date && `${date}T00:00:00Z`;

const rowOf = (each: UsageRowView): z.input<typeof row> => ({
  ...present({ day: each.day, pool: each.pool, key: each.key, account: each.account, model: each.model }),
  calls: each.calls,
  succeeded: each.succeeded,
  failed: each.failed,
  cancelled: each.cancelled,
  rejected: each.rejected,
  unknown_usage: each.unknownUsage,
  token_counts: {
    input_uncached: each.inputUncached,
    input_cached: each.inputCached,
    output: each.output,
    reasoning: each.reasoning,
    total: each.totalTokens,
  },
  cost_usd: each.costUsd,
  cost_status: each.costStatus,
});
