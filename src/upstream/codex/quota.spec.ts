import { quotaOfEvent, quotaOfHeaders, quotaOfUsage, resetOf } from './quota.js';

const NOW_MS = 1_790_000_000_000;
const RESET_S = NOW_MS / 1000 + 3600;
const primary = (window: object) => ({ type: 'codex.rate_limits', rate_limits: { primary: window, secondary: null } });

describe('quota windows', () => {
  it('are read from the headers of an answer', () => {
    const headers = {
      'x-codex-primary-used-percent': '12.5',
      'x-codex-primary-window-minutes': '300',
      'x-codex-primary-reset-at': String(RESET_S),
      'x-codex-secondary-used-percent': '40',
      'x-codex-secondary-window-minutes': '10080',
      'x-codex-secondary-reset-after-seconds': '90000',
    };
    expect(quotaOfHeaders(headers, NOW_MS)).toEqual([
      { limitId: 'codex', windowMinutes: 300, usedPercent: 12.5, resetsAtMs: RESET_S * 1000 },
      { limitId: 'codex', windowMinutes: 10_080, usedPercent: 40, resetsAtMs: NOW_MS + 90_000_000 },
    ]);
  });

  it('of other meters keep their own id, spelled as in events', () => {
    const headers = {
      'x-codex-spark-primary-used-percent': '3',
      'x-codex-spark-primary-window-minutes': '300',
      'x-codex-spark-primary-reset-at': String(RESET_S),
      'x-codex-spark-limit-name': 'Spark',
    };
    expect(quotaOfHeaders(headers, NOW_MS).map((window) => window.limitId)).toEqual(['codex_spark']);
  });

  it('are told apart by their length, not by their slot', () => {
    const weekly = primary({ used_percent: 7, window_minutes: 10_080, reset_at: RESET_S });
    expect(quotaOfEvent(weekly, NOW_MS)).toEqual([
      { limitId: 'codex', windowMinutes: 10_080, usedPercent: 7, resetsAtMs: RESET_S * 1000 },
    ]);
  });

  it('of an event belong to the meter that it names', () => {
    const event = {
      ...primary({ used_percent: 7, window_minutes: 300, reset_at: RESET_S }),
      metered_limit_name: 'other',
    };
    expect(quotaOfEvent(event, NOW_MS).map((window) => window.limitId)).toEqual(['other']);
  });

  it('are read from the usage body, additional meters included', () => {
    const usage = {
      rate_limit: { primary_window: { used_percent: 12, limit_window_seconds: 18_000, reset_at: RESET_S } },
      additional_rate_limits: [
        {
          limit_name: 'Spark',
          metered_feature: 'codex_spark',
          rate_limit: {
            primary_window: { used_percent: 3, limit_window_seconds: 18_000, reset_after_seconds: 60 },
            secondary_window: null,
          },
        },
      ],
    };
    expect(quotaOfUsage(usage, NOW_MS)?.windows).toEqual([
      { limitId: 'codex', windowMinutes: 300, usedPercent: 12, resetsAtMs: RESET_S * 1000 },
      { limitId: 'codex_spark', windowMinutes: 300, usedPercent: 3, resetsAtMs: NOW_MS + 60_000 },
    ]);
  });

  it('that a usage body calls null are not there; those it does not speak of may be (trap 41)', () => {
    const weekly = { used_percent: 12, limit_window_seconds: 604_800, reset_at: RESET_S };
    const wholeMeters = (rateLimit: unknown) => quotaOfUsage({ rate_limit: rateLimit }, NOW_MS)?.wholeMeters;
    expect(wholeMeters({ primary_window: weekly, secondary_window: null })).toEqual(['codex']);
    expect(wholeMeters({ primary_window: weekly })).toEqual([]);
    expect(wholeMeters({ primary_window: weekly, secondary_window: { used_percent: 'much' } })).toEqual([]);
    expect(wholeMeters(null)).toEqual([]);
  });

  it.each<[string, object]>([
    ['no percentage', { window_minutes: 300, reset_at: RESET_S }],
    ['a negative percentage', { used_percent: -1, window_minutes: 300, reset_at: RESET_S }],
    ['a percentage that is no number', { used_percent: 'much', window_minutes: 300, reset_at: RESET_S }],
    ['no length', { used_percent: 1, reset_at: RESET_S }],
    ['a length of nothing', { used_percent: 1, window_minutes: 0, reset_at: RESET_S }],
    ['no reset', { used_percent: 1, window_minutes: 300 }],
    ['a reset in years', { used_percent: 1, window_minutes: 300, reset_at: RESET_S * 10 }],
  ])('are not believed with %s', (_, window) => {
    expect(quotaOfEvent(primary(window), NOW_MS)).toEqual([]);
  });

  it.each([null, 'text', [], { rate_limits: 'x' }, { rate_limits: { primary: [] } }])('are absent from %j', (json) => {
    expect(quotaOfEvent(json, NOW_MS)).toEqual([]);
    expect(quotaOfUsage(json, NOW_MS)).toBeUndefined();
  });
});

describe('a reset', () => {
  it('prefers the moment to the wait', () => {
    expect(resetOf({ resets_at: RESET_S, resets_in_seconds: 5 }, NOW_MS)).toBe(RESET_S * 1000);
    expect(resetOf({ resets_in_seconds: 5 }, NOW_MS)).toBe(NOW_MS + 5000);
    expect(resetOf({}, NOW_MS)).toBeUndefined();
  });
});
