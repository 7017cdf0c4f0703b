import fc from 'fast-check';
import { reconcile } from './reconcile.js';
import type { UsagePoint } from './usage-point.js';

const HOUR_MS = 3_600_000;
const WINDOW_MS = 168 * HOUR_MS;
/** Tokens that are one percent of the window: what no provider tells. */
const RATE = 250_000;
const terms = { windowMs: WINDOW_MS, coveredFromMs: 0 };

interface Hour {
  /** Percent points of the window used in that hour. */
  readonly ours: number;
  readonly others: number;
}

/** What a provider that rounds to whole percents says once an hour, from the start of a window on. */
function told(hours: readonly Hour[], { startMs = 0, rate = RATE } = {}): UsagePoint[] {
  let ours = 0;
  let others = 0;
  return hours.map((hour, index) => {
    ours += hour.ours;
    others += hour.others;
    return {
      atMs: startMs + (index + 1) * HOUR_MS,
      resetsAtMs: startMs + WINDOW_MS,
      usedPercent: Math.min(100, Math.round(ours + others)),
      ourTokens: ours * rate,
    };
  });
}

const hours = (count: number, ours: number, others = 0): Hour[] =>
  Array.from({ length: count }, () => ({ ours, others }));
const ours = fc.array(
  fc.double({ min: 0, max: 3, noNaN: true }).map((used) => ({ ours: used, others: 0 })),
  { minLength: 1, maxLength: 33 },
);
const sumOf = (used: readonly Hour[], who: keyof Hour) => used.reduce((sum, hour) => sum + hour[who], 0);

describe('reconciliation', () => {
  it('finds no drift on an account that is used through us only, whatever is used when', () => {
    fc.assert(
      fc.property(ours, (used) => {
        const found = reconcile(told(used), terms);
        expect(found?.driftPercent ?? 0).toBe(0);
      }),
    );
  });

  it('finds what others use of the account, within the rounding of percents', () => {
    const alone = fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 20, maxLength: 25 });
    fc.assert(
      fc.property(alone, fc.integer({ min: 5, max: 40 }), fc.context(), (before, others, context) => {
        const quiet = before.map((used) => ({ ours: used, others: 0 }));
        const used = [...quiet, ...hours(10, 0.5, others / 10)];
        fc.pre(sumOf(used, 'ours') + others <= 99);
        const found = reconcile(told(used), terms);
        context.log(JSON.stringify(found));
        const understated = (2 * sumOf(used, 'ours')) / sumOf(quiet, 'ours');
        expect(found?.driftPercent).toBeLessThanOrEqual(others + 1);
        expect(found?.driftPercent).toBeGreaterThanOrEqual(others - understated - 2);
      }),
    );
  });

  it('says the same in whatever order evidence comes, however late and however often', () => {
    const used = [...hours(20, 1), ...hours(5, 0.4, 2)];
    const wanted = reconcile(told(used), terms);
    fc.assert(
      fc.property(fc.shuffledSubarray(told(used), { minLength: 25 }), fc.subarray(told(used)), (points, again) =>
        expect(reconcile([...points, ...again], terms)).toEqual(wanted),
      ),
    );
  });

  it('begins anew with each cycle, and knows the rate from those before', () => {
    const next = told([...hours(3, 1), ...hours(2, 0, 5)], { startMs: WINDOW_MS });
    const found = reconcile([...told(hours(60, 1)), ...next], terms);
    expect(found).toMatchObject({
      usedPercent: 13,
      sinceMs: WINDOW_MS,
      countedPercent: 13,
      confidence: 'high',
      points: 5,
    });
    expect(found?.driftPercent).toBeGreaterThanOrEqual(9);
    expect(found?.driftPercent).toBeLessThanOrEqual(11);
  });

  it('takes evidence of the cycle before, heard late, for no reset', () => {
    const before = told(hours(60, 1));
    const next = told(hours(10, 1), { startMs: WINDOW_MS });
    const late = { ...next[4], resetsAtMs: WINDOW_MS, usedPercent: 60, ourTokens: 60 * RATE } as UsagePoint;
    const found = reconcile([...before, ...next, { ...late, atMs: late.atMs + 1 }], terms);
    expect(found).toMatchObject({ countedPercent: 10, driftPercent: 0, sinceMs: WINDOW_MS });
  });

  it('goes on from where the provider gives usage back', () => {
    const points = told(hours(40, 1)).map((point) =>
      point.atMs > 30 * HOUR_MS ? { ...point, usedPercent: point.usedPercent - 30 } : point,
    );
    expect(reconcile(points, terms)).toMatchObject({ usedPercent: 10, countedPercent: 9, driftPercent: 0 });
  });

  it('holds what was used before the account came here against nobody', () => {
    const used = [...hours(30, 0, 1), ...hours(30, 1)];
    const found = reconcile(told(used).slice(29), { ...terms, coveredFromMs: 29 * HOUR_MS });
    expect(found).toMatchObject({ usedPercent: 60, countedPercent: 30, driftPercent: 0, confidence: 'high' });
  });

  it('puts all down to others where we used nothing', () => {
    const found = reconcile(told(hours(10, 0, 2)), terms);
    expect(found).toMatchObject({ explainedPercent: 0, driftPercent: 20, countedPercent: 20 });
    expect(found).not.toHaveProperty('driftTokens');
  });

  it('says that it does not know before three points or five percent points', () => {
    expect(reconcile([], terms)).toBeUndefined();
    const found = reconcile(told(hours(2, 1)), terms);
    expect(found).toMatchObject({ confidence: 'unknown', points: 2, usedPercent: 2 });
    expect(found).not.toHaveProperty('driftPercent');
    expect(reconcile(told(hours(3, 0.8)), terms)).toMatchObject({ confidence: 'low', points: 3 });
    expect(reconcile(told(hours(1, 6)), terms)).toMatchObject({ confidence: 'low', points: 1, driftPercent: 0 });
  });

  it('does not know what a percent is where none was counted', () => {
    expect(reconcile(told(hours(5, 0.05)), terms)).toMatchObject({ confidence: 'unknown', usedPercent: 0 });
  });

  it('sees by the rate of its plan that others use an account all the time', () => {
    const shared = told(hours(40, 1, 1));
    expect(reconcile(shared, terms)).toMatchObject({ driftPercent: 0, basis: 'own' });
    const found = reconcile(shared, terms, RATE);
    expect(found).toMatchObject({ basis: 'plan', countedPercent: 80, tokensPerPercent: 0.75 * RATE });
    expect(found?.driftPercent).toBeCloseTo(80 - 40 / 0.75);
    expect(found?.driftTokens).toBe(Math.round((80 - 40 / 0.75) * 0.75 * RATE));
  });
});
