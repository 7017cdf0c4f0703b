import { capacityOf } from './pool-capacity.js';
import type { ObservedWindow } from './quota/observed-window.js';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const DAY_MINUTES = 24 * 60;

const window = (usedPercent: number, rest: Partial<ObservedWindow> = {}): ObservedWindow => ({
  limitId: 'codex',
  windowMinutes: 300,
  usedPercent,
  resetsAtMs: NOW + HOUR,
  source: 'usage',
  observedAtMs: NOW,
  ...rest,
});
const account = (windows: readonly ObservedWindow[], rest: Partial<Parameters<typeof capacityOf>[0][number]> = {}) => ({
  status: 'active' as const,
  coolingUntilMs: 0,
  windows,
  meters: [],
  ...rest,
});
const shown = (...accounts: Parameters<typeof capacityOf>[0]) => {
  const { allowed, windows } = capacityOf(accounts, NOW);
  return { allowed, windows: windows.map((known) => [known.windowMinutes, known.usedPercent, known.resetsAtMs - NOW]) };
};

describe('the capacity of a Pool', () => {
  it('is the mean use of its accounts, by length of window, and the first reset among them', () => {
    const capacity = shown(
      account([window(20), window(60, { windowMinutes: 7 * DAY_MINUTES, resetsAtMs: NOW + 50 * HOUR })]),
      account([window(41, { resetsAtMs: NOW + 2 * HOUR })]),
      account([window(10, { windowMinutes: 30 * DAY_MINUTES })]),
    );
    expect(capacity).toEqual({
      allowed: true,
      windows: [
        [300, 31, HOUR],
        [7 * DAY_MINUTES, 60, 50 * HOUR],
        [30 * DAY_MINUTES, 10, HOUR],
      ],
    });
  });

  it('tells windows apart by their length, whatever slot they came in (trap 41)', () => {
    const weekly = account([window(50, { windowMinutes: 7 * DAY_MINUTES - 1 })]);
    expect(shown(weekly, account([window(30, { windowMinutes: 7 * DAY_MINUTES })])).windows).toEqual([
      [7 * DAY_MINUTES, 40, HOUR],
    ]);
  });

  it('is at its limit only when no account can serve', () => {
    const [spent, free] = [account([window(100)]), account([window(100), window(3, { limitId: 'other' })])];
    expect(shown(spent, account([window(99)]))).toEqual({ allowed: true, windows: [[300, 99, HOUR]] });
    expect(shown(spent, free)).toEqual({ allowed: false, windows: [[300, 100, HOUR]] });
  });

  it('is at its limit when one window of each account is spent', () => {
    const spentForAWeek = account([window(0), window(100, { windowMinutes: 7 * DAY_MINUTES })]);
    expect(shown(spentForAWeek).allowed).toBe(false);
    expect(shown(spentForAWeek, account([])).allowed).toBe(true);
  });

  it('counts an account that sits out for its quota as spent, and no other that sits out', () => {
    const until = { coolingUntilMs: NOW + HOUR };
    expect(shown(account([], { ...until, coolingReason: 'upstream_quota_exhausted' })).allowed).toBe(false);
    expect(shown(account([], { ...until, coolingReason: 'upstream_rate_limited' })).allowed).toBe(true);
    expect(shown(account([], { coolingUntilMs: NOW, coolingReason: 'upstream_quota_exhausted' })).allowed).toBe(true);
  });

  it('is not at its limit while an account has credits, and is when its upstream says so', () => {
    const meter = { limitId: 'codex', source: 'usage' as const, observedAtMs: NOW };
    const credits = { available: true, unlimited: false };
    const goesOn = account([window(100)], { meters: [{ ...meter, credits }] });
    expect(shown(goesOn)).toEqual({ allowed: true, windows: [[300, 100, HOUR]] });
    expect(shown(account([window(10)], { meters: [{ ...meter, allowed: false }] })).allowed).toBe(false);
  });

  it('does not count accounts that are paused', () => {
    const paused = account([window(100)], { status: 'paused' });
    expect(shown(paused, account([window(10)]))).toEqual({ allowed: true, windows: [[300, 10, HOUR]] });
    expect(shown(paused)).toEqual({ allowed: true, windows: [] });
  });

  it('takes a window that has reset for unused, and for unknown when none is running', () => {
    const reset = account([window(100, { resetsAtMs: NOW })]);
    expect(shown(reset, account([window(50)]))).toEqual({ allowed: true, windows: [[300, 25, HOUR]] });
    expect(shown(reset)).toEqual({ allowed: true, windows: [] });
  });

  it('says 100 only when all of it is used, and whole numbers at all times', () => {
    expect(shown(account([window(100)]), account([window(99.4)])).windows).toEqual([[300, 99, HOUR]]);
    expect(shown(account([window(33.4)])).windows).toEqual([[300, 33, HOUR]]);
  });

  it('keeps other meters apart: they stop nobody from serving', () => {
    const capacity = capacityOf([account([window(5), window(100, { limitId: 'codex_spark' })])], NOW);
    expect(capacity).toMatchObject({
      limitId: 'codex',
      allowed: true,
      windows: [{ usedPercent: 5 }],
      others: [{ limitId: 'codex_spark', allowed: false, windows: [{ usedPercent: 100 }] }],
    });
  });

  it('is unknown, and allowed, without accounts', () => {
    expect(capacityOf([], NOW)).toEqual({ limitId: 'codex', allowed: true, windows: [], others: [] });
  });
});
