import fc from 'fast-check';
import { DOUBT_MS, observe } from './observe-window.js';
import type { Observation, ObservedWindow } from './observed-window.js';

const T0 = 1_790_000_000_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const RESET = T0 + 3 * HOUR;
const AHEAD = T0 + 100 * HOUR;

const said = (usedPercent: number, afterMs: number, rest: Partial<Observation> = {}): Observation => ({
  limitId: 'codex',
  windowMinutes: 300,
  usedPercent,
  resetsAtMs: RESET,
  source: 'headers',
  observedAtMs: T0 + afterMs,
  credentialEpoch: 1,
  ...rest,
});
const after = (...reports: readonly Observation[]): ObservedWindow | undefined =>
  reports.reduce<ObservedWindow | undefined>((known, seen) => observe(known, seen, AHEAD), undefined);
const used = (...reports: readonly Observation[]): number | undefined => after(...reports)?.usedPercent;

describe('what is believed of a window', () => {
  it('is the first thing that is said, and every rise of it', () => {
    expect(used(said(0, 0))).toBe(0);
    expect(used(said(40, 0), said(41, 1))).toBe(41);
  });

  it.each<[string, readonly Observation[], number]>([
    ['is older', [said(50, 0), said(20, -1)], 50],
    ['says in passing that nothing was used', [said(50, 0), said(0, HOUR)], 50],
    ['says so twice in less than three minutes', [said(50, 0), said(0, MINUTE), said(0, MINUTE + DOUBT_MS - 1)], 50],
    ['says so twice, more than three minutes apart', [said(50, 0), said(0, MINUTE), said(3, MINUTE + DOUBT_MS)], 3],
    ['says so twice, with more use in between', [said(50, 0), said(0, 1), said(51, 9), said(0, 9 + DOUBT_MS)], 51],
    [
      'says so twice, where more use in between comes late',
      [said(50, 0), said(0, 1), said(0, 9 + DOUBT_MS), said(51, 9)],
      51,
    ],
    [
      'is the same zero, sent again out of a cache',
      [said(50, 0), said(0, 1, { saidAtMs: T0 + 1 }), said(0, HOUR, { saidAtMs: T0 + 1 })],
      50,
    ],
    ['is of a new cycle', [said(50, 0), said(0, 1, { resetsAtMs: RESET + HOUR + 1 })], 0],
    ['came before, of a later cycle', [said(50, 0), said(0, -1, { resetsAtMs: RESET + HOUR + 1 })], 0],
    ['is of a cycle that is over', [said(1, 0), said(90, 1, { resetsAtMs: T0 + MINUTE })], 1],
    ['comes after the reset', [said(90, 0), said(0, 3 * HOUR, { resetsAtMs: RESET + 30 * MINUTE })], 0],
    ['has a reset seconds off', [said(50, 0), said(51, 1, { resetsAtMs: RESET - 9_000 })], 51],
    ['moves the reset to an earlier time', [said(50, 0), said(9, 1, { resetsAtMs: RESET - 2 * HOUR })], 50],
    [
      'keeps to that earlier time',
      [
        said(50, 0),
        said(9, 1, { resetsAtMs: RESET - 2 * HOUR }),
        said(9, 1 + DOUBT_MS, { resetsAtMs: RESET - 2 * HOUR }),
      ],
      9,
    ],
    [
      'moves it to an earlier time, and then to another',
      [said(50, 0), said(9, 1, { resetsAtMs: T0 + HOUR / 2 }), said(9, 1 + DOUBT_MS, { resetsAtMs: RESET - HOUR - 1 })],
      50,
    ],
    ['has a reset further away than the window is long', [said(50, 0), said(1, 1, { resetsAtMs: T0 + 7 * HOUR })], 50],
    ['comes from the future', [said(50, 0), said(99, AHEAD - T0 + 6 * MINUTE, { resetsAtMs: AHEAD + HOUR })], 50],
    ['is of older credentials', [said(5, 0, { credentialEpoch: 2 }), said(99, 1)], 5],
    ['is of newer credentials', [said(5, 0), said(6, 1, { credentialEpoch: 2 })], 6],
  ])('is right after a report that %s (trap 42)', (_, reports, usedPercent) => {
    expect(used(...reports)).toBe(usedPercent);
  });

  it('is as fresh as the last report of it, believed or not', () => {
    expect(after(said(50, 0), said(20, HOUR))).toMatchObject({ usedPercent: 50, observedAtMs: T0 + HOUR });
    expect(after(said(50, 0), said(20, -HOUR))).toMatchObject({ observedAtMs: T0 });
    const cached = { saidAtMs: T0 - MINUTE };
    expect(after(said(50, 0), said(50, HOUR, cached))).toMatchObject({ observedAtMs: T0 });
  });

  it('goes down no further than the most that was said meanwhile', () => {
    expect(used(said(50, 0), said(20, 1), said(10, 2), said(15, 2 + DOUBT_MS))).toBe(20);
  });
});

/** Some cycles of one window, and reports of them. */
const reports = (withinMs: number) =>
  fc.array(
    fc.record({
      percent: fc.integer({ min: 0, max: 100 }),
      afterMs: fc.integer({ min: 0, max: withinMs }),
      cycle: fc.integer({ min: 0, max: 2 }),
    }),
    { minLength: 1, maxLength: 12 },
  );
type Reports = readonly { readonly percent: number; readonly afterMs: number; readonly cycle: number }[];
const WEEK = { windowMinutes: 10_080 };
const told = (some: Reports): Observation[] =>
  some.map(({ percent, afterMs, cycle }) =>
    said(percent, afterMs, { ...WEEK, resetsAtMs: T0 + (20 + 2 * cycle) * HOUR }),
  );
const byTime = (some: readonly Observation[]): Observation[] =>
  [...some].sort((a, b) => a.observedAtMs - b.observedAtMs);
const belief = (some: readonly Observation[]) => {
  const { usedPercent, resetsAtMs, observedAtMs } = after(...some) ?? {};
  return { usedPercent, resetsAtMs, observedAtMs };
};

describe('reports in any order', () => {
  it('made within three minutes come to the same, whoever of several writers is first', () => {
    const shuffled = reports(DOUBT_MS - 1).chain((some) =>
      fc.tuple(fc.constant(some), fc.shuffledSubarray([...some, ...some], { minLength: some.length * 2 })),
    );
    fc.assert(
      fc.property(shuffled, ([some, mixed]) => {
        expect(belief(told(mixed))).toEqual(belief(byTime(told(some))));
      }),
      { numRuns: 2_000 },
    );
  });

  it('change nothing when they come a second time', () => {
    const repeated = fc.tuple(reports(HOUR), fc.array(fc.tuple(fc.nat(), fc.nat())));
    fc.assert(
      fc.property(repeated, ([some, again]) => {
        const inOrder = byTime(told(some));
        const withRepeats = [...inOrder];
        for (const [which, where] of again) {
          const repeat = inOrder[which % inOrder.length];
          const first = withRepeats.lastIndexOf(repeat as Observation);
          if (repeat) withRepeats.splice(first + 1 + (where % (withRepeats.length - first)), 0, repeat);
        }
        expect(belief(withRepeats)).toEqual(belief(inOrder));
      }),
      { numRuns: 2_000 },
    );
  });

  it('never make less of the use than what was said in the last three minutes, nor more than was ever said', () => {
    const shuffled = reports(HOUR).chain((some) =>
      fc.shuffledSubarray([...some, ...some], { minLength: some.length * 2 }),
    );
    const bounded = (mixed: Reports): void => {
      const all = told(mixed.map((report) => ({ ...report, cycle: 0 })));
      const lastMs = Math.max(...all.map(({ observedAtMs }) => observedAtMs));
      const recent = all.filter(({ observedAtMs }) => observedAtMs > lastMs - DOUBT_MS);
      expect(used(...all)).toBeGreaterThanOrEqual(Math.max(...recent.map(({ usedPercent }) => usedPercent)));
      expect(used(...all)).toBeLessThanOrEqual(Math.max(...all.map(({ usedPercent }) => usedPercent)));
    };
    fc.assert(fc.property(shuffled, bounded), { numRuns: 2_000 });
  });

  it('never erase use by a single report of none', () => {
    fc.assert(
      fc.property(reports(HOUR), fc.integer({ min: 0, max: 2 * HOUR }), (some, atMs) => {
        const known = byTime(told(some));
        const before = after(...known);
        const zero = said(0, atMs, { ...WEEK, resetsAtMs: before?.resetsAtMs ?? RESET });
        const confirmed = before?.doubt !== undefined;
        if (!confirmed) expect(used(...known, zero)).toBe(before?.usedPercent);
      }),
      { numRuns: 2_000 },
    );
  });
});
