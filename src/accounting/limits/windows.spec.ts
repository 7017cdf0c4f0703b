import { dayOf, firstDayOf, lastDayOf, resetsAtMs, startOfDayMs } from './windows.js';

const day = (text: string) => dayOf(Date.parse(`${text}T00:00:00Z`));
const used = (...each: [text: string, tokens: number][]) =>
  each.map(([text, tokens]) => ({ day: day(text), tokens, nanoUsd: 0 }));
const reset = (window: 'day' | 'week' | 'month', max: number, wanted: number, days: ReturnType<typeof used>) => {
  const atMs = resetsAtMs({ window, unit: 'tokens', max, days }, day('2026-03-10'), wanted);
  return atMs === undefined ? undefined : new Date(atMs).toISOString().slice(0, 10);
};

describe('windows of limits', () => {
  it('end a day at midnight, UTC', () => {
    const midnight = Date.parse('2026-03-10T00:00:00Z');
    expect([dayOf(midnight - 1), dayOf(midnight), startOfDayMs(dayOf(midnight))]).toEqual([
      day('2026-03-09'),
      day('2026-03-10'),
      midnight,
    ]);
  });

  it.each([
    ['day', '2026-03-10', '2026-03-10'],
    ['week', '2026-03-10', '2026-03-04'],
    ['week', '2026-03-03', '2026-02-25'],
    ['month', '2026-03-01', '2026-03-01'],
    ['month', '2028-02-29', '2028-02-01'],
  ] as const)('begin a %s that ends on %s on %s', (window, last, first) => {
    expect(firstDayOf(window, day(last))).toBe(day(first));
  });

  it('measure a call that comes late with what the next day has used, except for the day itself', () => {
    const today = day('2026-03-10');
    expect((['day', 'week', 'month'] as const).map((window) => lastDayOf(window, today) - today)).toEqual([0, 1, 1]);
  });

  it('come back when enough has fallen out of them', () => {
    const days = used(['2026-03-04', 1], ['2026-03-06', 5], ['2026-03-10', 4]);
    expect([1, 2, 6, 7, 10].map((wanted) => reset('week', 10, wanted, days))).toEqual([
      '2026-03-11',
      '2026-03-13',
      '2026-03-13',
      '2026-03-17',
      '2026-03-17',
    ]);
    expect([reset('day', 10, 7, days), reset('month', 10, 7, days)]).toEqual(['2026-03-11', '2026-04-01']);
  });

  it('never come back for more than they may hold', () => {
    expect([reset('week', 10, 11, []), reset('day', 10, 11, [])]).toEqual([undefined, undefined]);
  });
});
