import type { CapacityWindow } from '../../upstream/index.js';
import { usageBody } from './usage-body.js';

const NOW = 1_800_000_000_000;
const window = (windowMinutes: number, usedPercent: number): CapacityWindow => ({
  windowMinutes,
  usedPercent,
  resetsAtMs: NOW + 5_400_500,
});
const [FIVE_HOURS, WEEK] = [window(300, 12), window(10_080, 40)];
const capacity = (...windows: CapacityWindow[]) => ({ limitId: 'codex', allowed: true, windows, others: [] });

describe('the usage that a client is told', () => {
  it('has the shortest window first, in whole numbers', () => {
    expect(usageBody('pro', capacity(FIVE_HOURS, WEEK), NOW)).toEqual({
      plan_type: 'pro',
      rate_limit: {
        allowed: true,
        limit_reached: false,
        primary_window: {
          used_percent: 12,
          limit_window_seconds: 18_000,
          reset_after_seconds: 5_401,
          reset_at: 1_800_005_401,
        },
        secondary_window: {
          used_percent: 40,
          limit_window_seconds: 604_800,
          reset_after_seconds: 5_401,
          reset_at: 1_800_005_401,
        },
      },
    });
  });

  it('says nothing of windows that nobody knows of', () => {
    expect(usageBody('api_key', capacity(), NOW)).toEqual({
      plan_type: 'api_key',
      rate_limit: { allowed: true, limit_reached: false, primary_window: null, secondary_window: null },
    });
  });

  it('names the other meters', () => {
    const spark = { limitId: 'codex_spark', allowed: false, windows: [window(300, 100)] };
    expect(usageBody('pro', { ...capacity(), others: [spark] }, NOW)).toMatchObject({
      additional_rate_limits: [
        {
          limit_name: 'codex_spark',
          metered_feature: 'codex_spark',
          rate_limit: { allowed: false, limit_reached: true, primary_window: { used_percent: 100 } },
        },
      ],
    });
  });
});
