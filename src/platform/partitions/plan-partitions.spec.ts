import fc from 'fast-check';
import { planPartitions, type Stretch } from './plan-partitions.js';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 18, 13, 30);
const day = (text: string): number => Date.parse(`${text}T00:00:00Z`);
const stretch = (from: string, to: string): Stretch => ({ name: `p_${from}`, fromMs: day(from), toMs: day(to) });
const words = (create: readonly (readonly [number, number])[]): string[] =>
  create.map(([fromMs, toMs]) => `${text(fromMs)} ${text(toMs)}`);
const text = (atMs: number): string => new Date(atMs).toISOString().replace('T00:00:00.000Z', '');

describe('planPartitions', () => {
  it('begins with the present and goes two widths beyond it', () => {
    expect(words(planPartitions([], NOW, 14).create)).toEqual([
      '2026-11-18 2026-11-19',
      '2026-11-19 2026-11-20',
      '2026-11-20 2026-11-21',
    ]);
    expect(words(planPartitions([], NOW, 90).create)).toEqual([
      '2026-11-16 2026-11-23',
      '2026-11-23 2026-11-30',
      '2026-11-30 2026-12-07',
    ]);
    expect(words(planPartitions([], NOW, 400).create)).toEqual([
      '2026-11-01 2026-12-01',
      '2026-12-01 2027-01-01',
      '2027-01-01 2027-02-01',
    ]);
  });

  it('drops a partition once all of it is older than the retention', () => {
    const existing = [stretch('2026-10-26', '2026-11-02'), stretch('2026-10-12', '2026-10-19')];
    const ahead = stretch('2026-11-02', '2026-12-07');
    const at = (date: string) => planPartitions([...existing, ahead], day(date), 30).drop;
    expect(at('2026-11-17')).toEqual([]);
    expect(at('2026-11-18')).toEqual(['p_2026-10-12']);
    expect(at('2026-12-02')).toEqual(['p_2026-10-12', 'p_2026-10-26']);
  });

  it('drops nothing when the retention is 0', () => {
    const existing = [stretch('1999-01-01', '2026-11-01')];
    expect(planPartitions(existing, NOW, 0)).toEqual(
      expect.objectContaining({ drop: [], create: expect.arrayContaining([[day('2026-11-01'), day('2026-12-01')]]) }),
    );
  });

  it('goes on where the last partition ends, in the new width, when the retention was changed', () => {
    const existing = [stretch('2026-11-01', '2026-12-01')];
    expect(words(planPartitions(existing, NOW, 90).create)).toEqual(['2026-12-01 2026-12-07']);
    const week = [stretch('2026-11-16', '2026-11-23')];
    expect(words(planPartitions(week, NOW, 400).create)).toEqual([
      '2026-11-23 2026-12-01',
      '2026-12-01 2027-01-01',
      '2027-01-01 2027-02-01',
    ]);
  });

  it('makes up for the time that nobody maintained, as far as rows are kept', () => {
    const existing = [stretch('2026-01-05', '2026-01-12')];
    const { create, drop } = planPartitions(existing, NOW, 30);
    expect(words(create).at(0)).toBe('2026-10-19 2026-10-26');
    expect(drop).toEqual(['p_2026-01-05']);
  });

  it('has nothing to do right after it was followed, at any time and with any retention', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.constantFrom(0, 1, 14, 15, 120, 121, 400))),
        (steps) => {
          let existing: Stretch[] = [];
          let nowMs = NOW;
          for (const [days, retention] of steps) {
            nowMs += days * DAY_MS;
            existing = followed(existing, nowMs, retention);
            expect(planPartitions(existing, nowMs, retention)).toEqual({ create: [], drop: [] });
            requireCover(existing, nowMs);
          }
        },
      ),
    );
  });
});

function followed(existing: readonly Stretch[], nowMs: number, retention: number): Stretch[] {
  const { create, drop } = planPartitions(existing, nowMs, retention);
  expect(create.length).toBeLessThan(130);
  const made = create.map(([fromMs, toMs]) => ({ name: text(fromMs), fromMs, toMs }));
  return [...existing.filter(({ name }) => !drop.includes(name)), ...made];
}

function requireCover(existing: readonly Stretch[], nowMs: number): void {
  const sorted = [...existing].sort((a, b) => a.fromMs - b.fromMs);
  sorted.forEach(({ fromMs, toMs }, at) => {
    expect(toMs).toBeGreaterThan(fromMs);
    expect(sorted[at + 1]?.fromMs ?? toMs).toBeGreaterThanOrEqual(toMs);
  });
  expect(sorted.some(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs)).toBe(true);
  expect(sorted.at(-1)?.toMs).toBeGreaterThan(nowMs + 2 * DAY_MS);
}
