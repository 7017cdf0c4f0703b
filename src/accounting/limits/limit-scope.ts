import { matchesModel, type UsageLimit } from '../../core/index.js';
import type { Amounts, Budget, Counter } from '../../platform/shared-state/index.js';
import { firstDayOf, lastDayOf, type WindowName } from './windows.js';

/** As clients and operators read them. Source: runtime contract §3.2. */
export type LimitName =
  | 'requests_per_minute'
  | 'tokens_per_day'
  | 'tokens_per_week'
  | 'usd_per_day'
  | 'usd_per_week'
  | 'usd_per_month'
  | 'max_input_tokens'
  | 'max_output_tokens';

/** The upper bound of what may be used in a window. */
export interface WindowLimit {
  readonly name: LimitName;
  readonly window: WindowName;
  readonly unit: keyof Amounts;
  readonly max: number;
}

const WINDOWS = [
  ['tokens_per_day', 'day', 'tokens', 'tokensPerDay'],
  ['tokens_per_week', 'week', 'tokens', 'tokensPerWeek'],
  ['usd_per_day', 'day', 'nanoUsd', 'nanoUsdPerDay'],
  ['usd_per_week', 'week', 'nanoUsd', 'nanoUsdPerWeek'],
  ['usd_per_month', 'month', 'nanoUsd', 'nanoUsdPerMonth'],
] as const;

/** The window limits among a limit's fields. */
export const windowLimitsOf = (limit: UsageLimit): WindowLimit[] =>
  WINDOWS.flatMap(([name, window, unit, field]) => {
    const max = limit[field];
    return max === undefined ? [] : { name, window, unit, max };
  });

/** A limit and the counter that it is kept with, for calls of one day. */
export interface LimitScope {
  readonly limit: UsageLimit;
  readonly windows: readonly WindowLimit[];
  readonly counter: Counter;
}

/** Names the counter of a limit: what is counted depends on whose it is and on its models, not on how much it allows. */
export const counterKey = ({ scope, id, model = '' }: UsageLimit): string => `${scope}:${id}:${model}`;

export const isLimiting = (limit: UsageLimit, model: string): boolean =>
  limit.model === undefined || matchesModel(limit.model, model);

/** Of those limits that need a counter; the same counter is never named twice. */
export function scopesOf(limits: readonly UsageLimit[], day: number): LimitScope[] {
  const scopes = new Map<string, LimitScope>();
  for (const limit of limits) {
    const windows = windowLimitsOf(limit);
    const perMinute = limit.requestsPerMinute;
    if (windows.length === 0 && perMinute === undefined) continue;
    const key = counterKey(limit);
    const budgets = windows.map((window) => budgetOf(window, day));
    scopes.set(key, { limit, windows, counter: { key, budgets, ...(perMinute !== undefined && { perMinute }) } });
  }
  return [...scopes.values()];
}

const budgetOf = ({ window, unit, max }: WindowLimit, day: number): Budget => ({
  unit,
  fromDay: firstDayOf(window, day),
  untilDay: lastDayOf(window, day),
  max,
});
