import type { LimitStatus } from '../../accounting/index.js';
import { dailyTokenBody } from './daily-token-body.js';

const NOW = Date.parse('2026-08-22T23:00:00.500Z');
const MIDNIGHT_S = Date.parse('2026-08-23T00:00:00Z') / 1000;

const daily = (current: number): LimitStatus => ({
  scope: 'key',
  limit: 'tokens_per_day',
  window: 'day',
  max: 1_000,
  current,
  reserved: 0,
  remaining: Math.max(0, 1_000 - current),
  warned: false,
});

describe('the tokens of today that a key has left', () => {
  it('are the primary window, and credits', () => {
    expect(dailyTokenBody('api_key', daily(250), NOW)).toEqual({
      plan_type: 'api_key',
      rate_limit: {
        allowed: true,
        limit_reached: false,
        primary_window: {
          used_percent: 25,
          limit_window_seconds: 86_400,
          reset_after_seconds: 3_600,
          reset_at: MIDNIGHT_S,
        },
        secondary_window: null,
      },
      credits: { has_credits: true, unlimited: false, balance: '750' },
    });
  });

  it.each([
    [999, 99, true, '1'],
    [1_000, 100, false, '0'],
    [1_200, 100, false, '0'],
  ])('after %i of 1000 are %i %% used', (current, percent, allowed, balance) => {
    expect(dailyTokenBody('api_key', daily(current), NOW)).toMatchObject({
      rate_limit: { allowed, limit_reached: !allowed, primary_window: { used_percent: percent } },
      credits: { has_credits: allowed, balance },
    });
  });
});
