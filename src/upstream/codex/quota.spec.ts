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
    expect(quotaOfHeaders(headers, NOW_MS).windows).toEqual([
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
    expect(quotaOfHeaders(headers, NOW_MS)).toMatchObject({
      windows: [{ limitId: 'codex_spark' }],
      meters: [{ limitId: 'codex_spark', name: 'Spark' }],
    });
  });

  it('are told apart by their length, not by their slot', () => {
    const weekly = primary({ used_percent: 7, window_minutes: 10_080, reset_at: RESET_S });
    expect(quotaOfEvent(weekly, NOW_MS)?.windows).toEqual([
      { limitId: 'codex', windowMinutes: 10_080, usedPercent: 7, resetsAtMs: RESET_S * 1000 },
    ]);
  });

  it('of an event belong to the meter that it names', () => {
    const event = {
      ...primary({ used_percent: 7, window_minutes: 300, reset_at: RESET_S }),
      metered_limit_name: 'other',
    };
    expect(quotaOfEvent(event, NOW_MS)?.windows.map((window) => window.limitId)).toEqual(['other']);
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

  it('that an event calls null are not there; those it does not speak of may be (trap 41)', () => {
    const weekly = { used_percent: 12, window_minutes: 10_080, reset_at: RESET_S };
    const wholeMeters = (limits: object) =>
      quotaOfEvent({ type: 'codex.rate_limits', rate_limits: limits }, NOW_MS)?.wholeMeters;
    expect(wholeMeters({ primary: weekly, secondary: null })).toEqual(['codex']);
    expect(wholeMeters({ primary: null, secondary: null })).toEqual(['codex']);
    expect(wholeMeters({ primary: weekly })).toEqual([]);
  });

  it('that headers do not speak of may be there', () => {
    expect(quotaOfHeaders({}, NOW_MS)).toEqual({ source: 'headers', windows: [], wholeMeters: [], meters: [] });
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
    expect(quotaOfEvent(primary(window), NOW_MS)?.windows).toEqual([]);
  });

  it.each([null, 'text', [], { rate_limits: 'x' }, { rate_limits: { primary: [] } }])('are absent from %j', (json) => {
    expect(quotaOfEvent(json, NOW_MS)?.windows ?? []).toEqual([]);
    expect(quotaOfUsage(json, NOW_MS)).toBeUndefined();
  });
});

describe('the time of a report', () => {
  it('is the moment of the reset less the wait until then, where both are told (trap 42)', () => {
    const window = { used_percent: 1, limit_window_seconds: 18_000, reset_at: RESET_S };
    const said = (more: object) =>
      quotaOfUsage({ rate_limit: { primary_window: { ...window, ...more } } }, NOW_MS)?.windows[0]?.saidAtMs;
    expect(said({ reset_after_seconds: 3_900 })).toBe(NOW_MS - 300_000);
    expect(said({})).toBeUndefined();
  });
});

describe('what is said of a meter as a whole', () => {
  const account = (body: object) => quotaOfUsage({ rate_limit: {}, ...body }, NOW_MS)?.meters;

  it('is whether calls are served, and what credits there are', () => {
    const credits = { has_credits: true, unlimited: false, balance: '12.5' };
    expect(account({ rate_limit: { allowed: true, limit_reached: false }, credits })).toEqual([
      { limitId: 'codex', allowed: true, limitReached: false, credits: { available: true, unlimited: false } },
    ]);
    const event = { type: 'codex.rate_limits', rate_limits: { allowed: false, limit_reached: true }, credits };
    expect(quotaOfEvent(event, NOW_MS)?.meters).toEqual([
      { limitId: 'codex', allowed: false, limitReached: true, credits: { available: true, unlimited: false } },
    ]);
    const headers = {
      'x-codex-credits-has-credits': 'True',
      'x-codex-credits-unlimited': 'False',
      'x-codex-rate-limit-reached-type': 'rate_limit_reached',
    };
    expect(quotaOfHeaders(headers, NOW_MS).meters).toEqual([
      { limitId: 'codex', limitReached: true, credits: { available: true, unlimited: false } },
    ]);
  });

  it('is nothing where nothing is said', () => {
    expect(account({})).toEqual([]);
  });

  it.each<[object, boolean]>([
    [{ has_credits: true }, true],
    [{ has_credits: true, balance: null }, true],
    [{ has_credits: true, balance: '0' }, false],
    [{ has_credits: false, balance: '5' }, false],
  ])('with the credits %j', (credits, available) => {
    expect(account({ credits })).toEqual([{ limitId: 'codex', credits: { available, unlimited: false } }]);
  });

  it('is not that it is spent when only its spend control says so', () => {
    const limits = { allowed: true, limit_reached: false };
    expect(account({ rate_limit: limits, spend_control: { reached: true } })).toEqual([
      { limitId: 'codex', allowed: true, limitReached: false },
    ]);
  });

  it('goes by the meter’s own name for one model', () => {
    const spark = {
      limit_name: 'GPT-5.3-Codex-Spark',
      metered_feature: 'codex_bengalfox',
      rate_limit: { allowed: false },
    };
    expect(account({ additional_rate_limits: [spark] })).toEqual([
      { limitId: 'codex_bengalfox', name: 'GPT-5.3-Codex-Spark', allowed: false },
    ]);
  });
});

describe('what a usage body says of the account', () => {
  it('is its plan, and how many resets it has saved', () => {
    const body = { rate_limit: {}, plan_type: 'plus', rate_limit_reset_credits: { available_count: 2 } };
    expect(quotaOfUsage(body, NOW_MS)).toMatchObject({ source: 'usage', plan: 'plus', resetCredits: 2 });
    expect(quotaOfUsage({ rate_limit: {}, plan_type: 'a\nb' }, NOW_MS)).toEqual({
      source: 'usage',
      windows: [],
      wholeMeters: [],
      meters: [],
    });
  });
});

describe('a reset', () => {
  it('prefers the moment to the wait', () => {
    expect(resetOf({ resets_at: RESET_S, resets_in_seconds: 5 }, NOW_MS)).toBe(RESET_S * 1000);
    expect(resetOf({ resets_in_seconds: 5 }, NOW_MS)).toBe(NOW_MS + 5000);
    expect(resetOf({}, NOW_MS)).toBeUndefined();
  });
});
