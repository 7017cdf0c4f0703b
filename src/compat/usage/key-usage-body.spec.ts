import type { LimitStatus, UsageRow } from '../../accounting/index.js';
import { keyUsageBody, requireNoQuery } from './key-usage-body.js';

const RESET_MS = Date.parse('2026-08-22T15:00:00Z');
const total: UsageRow = {
  calls: 10,
  succeeded: 8,
  failed: 1,
  cancelled: 0,
  rejected: 1,
  unknownUsage: 1,
  unpriced: 0,
  inputUncached: 3_000,
  inputCached: 1_200,
  cacheWrite: 0,
  output: 700,
  reasoning: 100,
  totalTokens: 5_000,
  estimatedInput: 0,
  estimatedOutput: 0,
  costNanoUsd: 420_000_000n,
  meteredNanoUsd: 0n,
};
const NO_WINDOWS = { windows: [] };
const NOW = Date.parse('2026-08-22T14:00:00Z');
/** Of a key and all models, where nothing else is said. */
const status = (limit: LimitStatus['limit'], window: LimitStatus['window'], max: number, current = 0): LimitStatus => ({
  scope: 'key',
  limit,
  window,
  max,
  current,
  reserved: 0,
  remaining: Math.max(0, max - current),
  warned: false,
});

describe('the usage of a key', () => {
  it('is its calls, its tokens and their price, and the windows of the upstream', () => {
    const windows = [{ windowMinutes: 300, usedPercent: 12, resetsAtMs: RESET_MS - 1 }];
    expect(keyUsageBody(total, [], { windows }, NOW)).toEqual({
      request_count: 10,
      total_tokens: 5_000,
      cached_input_tokens: 1_200,
      total_cost_usd: 0.42,
      total_cost_status: 'priced',
      limits: [],
      upstream_limits: [
        {
          limit_type: 'percent',
          limit_window: '5h',
          max_value: null,
          current_value: null,
          remaining_value: null,
          model_filter: null,
          reset_at: '2026-08-22T15:00:00Z',
          source: 'upstream_usage',
        },
      ],
    });
  });

  it.each([
    [1, 420_000_000n, 'partial'],
    [1, 0n, 'unpriced'],
    [0, 0n, 'priced'],
  ])('with %i calls without a price and %i nano-USD is %s', (unpriced, costNanoUsd, priced) => {
    const body = keyUsageBody({ ...total, unpriced, costNanoUsd }, [], NO_WINDOWS, NOW);
    expect(body).toMatchObject({ total_cost_usd: Number(costNanoUsd) / 1e9, total_cost_status: priced });
  });

  it('tells the limit of tokens by day twice, as older clients look for credits', () => {
    const daily = status('tokens_per_day', 'day', 100_000, 5_000);
    const told = {
      limit_type: 'total_tokens',
      limit_window: 'daily',
      max_value: 100_000,
      current_value: 5_000,
      remaining_value: 95_000,
      model_filter: null,
      reset_at: '2026-08-23T00:00:00Z',
      source: 'api_key_limit',
    };
    const compatible = { ...told, limit_type: 'credits', source: 'api_key_compatibility' };
    expect(keyUsageBody(total, [daily], NO_WINDOWS, NOW)).toMatchObject({ limits: [told, compatible] });
  });

  it.each<[LimitStatus, object]>([
    [
      {
        ...status('usd_per_month', 'month', 5_500_000_000, 6_000_000_000),
        scope: 'pool',
        model: 'gpt-5.5*',
        resetsAtMs: RESET_MS,
      },
      {
        limit_type: 'cost_usd',
        limit_window: 'monthly',
        max_value: 5.5,
        current_value: 6,
        remaining_value: 0,
        model_filter: 'gpt-5.5*',
        reset_at: '2026-08-22T15:00:00Z',
        source: 'pool_limit',
      },
    ],
    [
      status('max_output_tokens', 'request', 4_000),
      { limit_type: 'output_tokens', limit_window: 'request', max_value: 4_000, current_value: null },
    ],
    [
      status('requests_per_minute', 'minute', 60, 1),
      { limit_type: 'requests', limit_window: 'minute', remaining_value: 59 },
    ],
    [
      status('tokens_per_week', 'week', 10),
      { limit_type: 'total_tokens', limit_window: 'weekly', remaining_value: 10, reset_at: null },
    ],
  ])('tells the limit %j', (limit, told) => {
    expect(keyUsageBody(total, [limit], NO_WINDOWS, NOW)).toMatchObject({ limits: [told] });
  });

  it.each([
    [300, '5h'],
    [10_080, '7d'],
    [43_200, '30d'],
    [90, '90m'],
  ])('calls a window of %i minutes %s', (windowMinutes, name) => {
    const windows = [{ windowMinutes, usedPercent: 0, resetsAtMs: RESET_MS }];
    expect(keyUsageBody(total, [], { windows }, NOW)).toMatchObject({ upstream_limits: [{ limit_window: name }] });
  });

  it('takes no query parameter', () => {
    expect(() => requireNoQuery({})).not.toThrow();
    const refusal: unknown = expect.objectContaining({ code: 'unsupported_parameter', detail: { param: 'days' } });
    expect(() => requireNoQuery({ days: '7' })).toThrow(refusal as Error);
  });
});
