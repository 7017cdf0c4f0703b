import type { Capacity, CapacityWindow, MeterCapacity } from '../../upstream/index.js';

const seconds = (ms: number): number => Math.ceil(ms / 1000);

/**
 * Capacity as Codex clients read it. The shortest window is the primary one, as the upstream has it. Of credits nothing is
 * known, so nothing is said. Source: runtime contract §12.2.
 *
 * @param plan what the client is to show of its plan; a Pool has none
 */
export function usageBody(plan: string, capacity: Capacity, nowMs: number): object {
  return {
    plan_type: plan,
    rate_limit: rateLimit(capacity, nowMs),
    ...(capacity.others.length > 0 ? { additional_rate_limits: capacity.others.map(additional(nowMs)) } : {}),
  };
}

const rateLimit = ({ allowed, windows: [primary, secondary] }: MeterCapacity, nowMs: number): object => ({
  allowed,
  limit_reached: !allowed,
  primary_window: windowBody(primary, nowMs),
  secondary_window: windowBody(secondary, nowMs),
});

const windowBody = (window: CapacityWindow | undefined, nowMs: number): object | null =>
  window === undefined
    ? null
    : {
        used_percent: window.usedPercent,
        limit_window_seconds: window.windowMinutes * 60,
        reset_after_seconds: Math.max(0, seconds(window.resetsAtMs - nowMs)),
        reset_at: seconds(window.resetsAtMs),
      };

const additional =
  (nowMs: number) =>
  (meter: MeterCapacity): object => ({
    quota_key: meter.limitId,
    limit_name: meter.limitId,
    display_label: meter.limitId,
    metered_feature: meter.limitId,
    rate_limit: rateLimit(meter, nowMs),
  });
