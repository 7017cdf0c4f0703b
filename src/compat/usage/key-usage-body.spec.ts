import { keyUsageBody, requireNoQuery } from './key-usage-body.js';

const totals = { calls: 10, tokens: 5_000, cachedInputTokens: 1_200 };
const RESET_MS = Date.parse('2026-08-22T15:00:00Z');

describe('the usage of a key', () => {
  it('is its calls and tokens, without a price, and the windows of the upstream', () => {
    const windows = [{ windowMinutes: 300, usedPercent: 12, resetsAtMs: RESET_MS - 1 }];
    expect(keyUsageBody(totals, { windows })).toEqual({
      request_count: 10,
      total_tokens: 5_000,
      cached_input_tokens: 1_200,
      total_cost_usd: 0,
      total_cost_status: 'unpriced',
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
    [300, '5h'],
    [10_080, '7d'],
    [43_200, '30d'],
    [90, '90m'],
  ])('calls a window of %i minutes %s', (windowMinutes, name) => {
    const window = { windowMinutes, usedPercent: 0, resetsAtMs: RESET_MS };
    expect(keyUsageBody(totals, { windows: [window] })).toMatchObject({ upstream_limits: [{ limit_window: name }] });
  });

  it('takes no query parameter', () => {
    expect(() => requireNoQuery({})).not.toThrow();
    const refusal: unknown = expect.objectContaining({ code: 'unsupported_parameter', detail: { param: 'days' } });
    expect(() => requireNoQuery({ days: '7' })).toThrow(refusal as Error);
  });
});
