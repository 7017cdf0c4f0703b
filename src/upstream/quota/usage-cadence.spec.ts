import fc from 'fast-check';
import { intervalOf, isDue, nextAt, outageAfter, type Asking, type Outage } from './usage-cadence.js';

const NOW = 1_790_000_000_000;
const MINUTE = 60_000;
const asking = (rest: Partial<Asking> = {}): Asking => ({ id: 'a', paused: false, fullest: 10, ...rest });
const asked = (agoMs: number, failures = 0, nextAtMs = NOW + 60 * MINUTE) => ({
  asked: { round: 1, startedAtMs: NOW - agoMs, failures, nextAtMs },
});

describe('how often an account is asked for its usage', () => {
  it.each<[string, Partial<Asking>, number]>([
    ['idle', { heardAtMs: NOW - 6 * MINUTE }, 5],
    ['serving', { lastSuccessAtMs: NOW - MINUTE }, 1],
    ['serving, by what its answers tell', { toldAtMs: NOW - MINUTE }, 1],
    ['serving until two minutes ago', { lastSuccessAtMs: NOW - 2 * MINUTE - 1, toldAtMs: NOW - 2 * MINUTE - 1 }, 5],
    ['near a limit', { fullest: 90 }, 1],
    ['not near one', { fullest: 89.9 }, 5],
    ['known by old evidence only', { heardAtMs: NOW - 15 * MINUTE - 1 }, 1],
    ['of an upstream that tells nothing', {}, 5],
    ['paused', { paused: true, lastSuccessAtMs: NOW, fullest: 100 }, 15],
  ])('when it is %s', (_, rest, minutes) => {
    expect(intervalOf(asking(rest), NOW)).toBe(minutes * MINUTE);
  });

  it('is a tenth more or less, the same for everybody who asks, another for every account and round', () => {
    const gap = (id: string, round: number): number => nextAt(asking({ id }), round, NOW, 0, NOW) - NOW;
    fc.assert(
      fc.property(fc.uuid(), fc.nat(), (id, round) => {
        expect(gap(id, round)).toBe(gap(id, round));
        expect(gap(id, round)).toBeGreaterThanOrEqual(4.5 * MINUTE);
        expect(gap(id, round)).toBeLessThanOrEqual(5.5 * MINUTE);
      }),
    );
    expect(new Set(Array.from({ length: 20 }, (_, round) => gap('a', round))).size).toBeGreaterThan(15);
    expect(new Set(Array.from({ length: 20 }, (_, account) => gap(String(account), 1))).size).toBeGreaterThan(15);
  });

  it('is half as often with every failure in a row, down to once in a quarter of an hour', () => {
    const serving = asking({ lastSuccessAtMs: NOW });
    const minutes = [0, 1, 2, 3, 4, 5, 50].map((failures) =>
      Math.round((nextAt(serving, 1, NOW, failures, NOW) - NOW) / (nextAt(serving, 1, NOW, 0, NOW) - NOW)),
    );
    expect(minutes).toEqual([1, 2, 4, 8, 15, 15, 15]);
  });
});

describe('an account is due', () => {
  it('when it was never asked', () => {
    expect(isDue(asking(), NOW)).toBe(true);
  });

  it('by how it is used now, whatever was planned', () => {
    expect(isDue(asking(asked(2 * MINUTE)), NOW)).toBe(false);
    expect(isDue(asking({ ...asked(2 * MINUTE), lastSuccessAtMs: NOW }), NOW)).toBe(true);
    expect(isDue(asking({ ...asked(6 * MINUTE) }), NOW)).toBe(true);
    expect(isDue(asking({ ...asked(6 * MINUTE, 0, NOW), paused: true }), NOW)).toBe(false);
  });

  it('after failures as planned and no sooner', () => {
    expect(isDue(asking({ ...asked(2 * MINUTE, 1), lastSuccessAtMs: NOW }), NOW)).toBe(false);
    expect(isDue(asking({ ...asked(2 * MINUTE, 1, NOW) }), NOW)).toBe(true);
  });
});

describe('a usage endpoint is left alone', () => {
  const after = (failed: number, all: number, known?: Outage) => outageAfter(known, { failed, all }, NOW);

  it('when more than three in ten of at least five probes fail', () => {
    expect(after(4, 4)).toBeUndefined();
    expect(after(3, 10)).toBeUndefined();
    expect(after(4, 10)).toEqual({ rounds: 1, untilMs: NOW + MINUTE });
    expect(after(2, 5)).toEqual({ rounds: 1, untilMs: NOW + MINUTE });
  });

  it('for twice as long each time, up to a quarter of an hour', () => {
    const lengths: number[] = [];
    let known: Outage | undefined;
    for (let round = 0; round < 6; round += 1) {
      known = outageAfter(known && { ...known, untilMs: NOW }, { failed: 5, all: 5 }, NOW);
      lengths.push(((known?.untilMs ?? NOW) - NOW) / MINUTE);
    }
    expect(lengths).toEqual([1, 2, 4, 8, 15, 15]);
  });

  it('until its time is over, and is well again when probes succeed', () => {
    const known = { rounds: 2, untilMs: NOW + 1 };
    expect(after(0, 9, known)).toBe(known);
    const over = { rounds: 2, untilMs: NOW };
    expect(after(0, 4, over)).toBe(over);
    expect(after(0, 5, over)).toBeUndefined();
  });
});
