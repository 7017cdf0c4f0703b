import { z } from 'zod';
import type { LimitStatus } from '../../accounting/index.js';
import { usdOf, type UsageLimit } from '../../core/index.js';
import { VOLATILE } from '../version.js';

const count = z.int().nullable();
const usd = z.string().nullable();

/** What may be used, of all models or of some. */
const limitView = z.object({
  model: z.string().nullable().describe('pattern with *; null: all models'),
  requestsPerMinute: count,
  tokensPerDay: count,
  tokensPerWeek: count,
  maxInputTokens: count,
  maxOutputTokens: count,
  usdPerDay: usd,
  usdPerWeek: usd,
  usdPerMonth: usd,
  warnPercent: count,
});

export type LimitView = z.output<typeof limitView>;

const about = {
  scope: z.enum(['key', 'pool']),
  model: z.string().nullable(),
  window: z.enum(['minute', 'day', 'week', 'month', 'request']),
  resetsAt: z.iso.datetime().nullable().describe('when there is more left than now'),
  warned: z.boolean().describe('whether so much of a budget is used that a warning was wanted'),
};
const amounts = <Amount extends z.ZodType>(amount: Amount) => ({
  max: amount,
  current: amount.describe('of calls that are over'),
  reserved: amount.describe('what running calls may come to'),
  remaining: amount,
});

/** How much of a limit is used. */
const usedView = z.discriminatedUnion('unit', [
  z.object({
    ...about,
    unit: z.enum(['requests', 'tokens']),
    limit: z.enum([
      'requests_per_minute',
      'tokens_per_day',
      'tokens_per_week',
      'max_input_tokens',
      'max_output_tokens',
    ]),
    ...amounts(z.int()),
  }),
  z.object({
    ...about,
    unit: z.literal('usd'),
    limit: z.enum(['usd_per_day', 'usd_per_week', 'usd_per_month']),
    ...amounts(z.string()),
  }),
]);

export type UsedView = z.output<typeof usedView>;

/** Of things that have limits: those that were set, and how much of them is used. */
export const LIMITED = { limits: z.array(limitView), used: z.array(usedView) };

/** The limits of a key or a Pool. */
export const limitsView = z.object({
  scope: z.enum(['key', 'pool']),
  id: z.uuid(),
  label: z.string().describe('label of the key, or slug of the Pool'),
  poolId: z.uuid(),
  ...LIMITED,
});
VOLATILE.add(limitsView, { fields: ['used'] });

export type LimitsView = z.output<typeof limitsView>;

export const limitViewOf = (limit: UsageLimit): LimitView => ({
  model: limit.model ?? null,
  requestsPerMinute: limit.requestsPerMinute ?? null,
  tokensPerDay: limit.tokensPerDay ?? null,
  tokensPerWeek: limit.tokensPerWeek ?? null,
  maxInputTokens: limit.maxInputTokens ?? null,
  maxOutputTokens: limit.maxOutputTokens ?? null,
  usdPerDay: usdOrNull(limit.nanoUsdPerDay),
  usdPerWeek: usdOrNull(limit.nanoUsdPerWeek),
  usdPerMonth: usdOrNull(limit.nanoUsdPerMonth),
  warnPercent: limit.warnPercent ?? null,
});

const usdOrNull = (nano: number | undefined): string | null => (nano === undefined ? null : usdOf(nano));

export function usedViewOf(status: LimitStatus): UsedView {
  const { scope, window, warned, limit, resetsAtMs, model = null, max, current, reserved, remaining } = status;
  const resetsAt = resetsAtMs === undefined ? null : new Date(resetsAtMs).toISOString();
  const said = { scope, model, window, resetsAt, warned };
  switch (limit) {
    case 'usd_per_day':
    case 'usd_per_week':
    case 'usd_per_month': {
      const money = { current: usdOf(current), reserved: usdOf(reserved), remaining: usdOf(remaining) };
      return { ...said, unit: 'usd', limit, max: usdOf(max), ...money };
    }
    default: {
      const unit = limit === 'requests_per_minute' ? 'requests' : 'tokens';
      return { ...said, unit, limit, max, current, reserved, remaining };
    }
  }
}
