import type { LimitStatus } from '../../accounting/index.js';
import { resetOf } from './told-limit.js';

const DAY_SECONDS = 86_400;
const HUNDRED = 100;

/**
 * What a key has left of its tokens of today, as Codex clients read capacity: for a Pool of which no upstream has told
 * anything. Source: runtime contract §12.2.
 *
 * @param nowMs Unix time in milliseconds
 */
export function dailyTokenBody(plan: string, daily: LimitStatus, nowMs: number): object {
  const { max, remaining: left } = daily;
  const resetsAtMs = resetOf(daily, nowMs) ?? nowMs;
  const window = {
    // 100 only when all of it is used.
    used_percent: left === 0 ? HUNDRED : Math.min(HUNDRED - 1, Math.round(((max - left) / max) * HUNDRED)),
    limit_window_seconds: DAY_SECONDS,
    reset_after_seconds: Math.ceil((resetsAtMs - nowMs) / 1000),
    reset_at: Math.ceil(resetsAtMs / 1000),
  };
  return {
    plan_type: plan,
    rate_limit: { allowed: left > 0, limit_reached: left === 0, primary_window: window, secondary_window: null },
    credits: { has_credits: left > 0, unlimited: false, balance: String(left) },
  };
}
