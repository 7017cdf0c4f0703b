import fc from 'fast-check';
import { newCallId } from '../../core/index.js';
import { pieces } from './usage-span.js';

const HOUR_MS = 3_600_000;
const words = (span: { fromMs: number; toMs: number }) =>
  pieces(span).map(({ fromMs, toMs, wholeHours }) => [fromMs, toMs, wholeHours]);

describe('a span of usage', () => {
  it('is whole hours, and what is left of it before and after', () => {
    expect(words({ fromMs: 10, toMs: 3 * HOUR_MS + 5 })).toEqual([
      [10, HOUR_MS, false],
      [HOUR_MS, 3 * HOUR_MS, true],
      [3 * HOUR_MS, 3 * HOUR_MS + 5, false],
    ]);
    expect(words({ fromMs: HOUR_MS, toMs: 2 * HOUR_MS })).toEqual([[HOUR_MS, 2 * HOUR_MS, true]]);
    expect(words({ fromMs: HOUR_MS - 5, toMs: HOUR_MS + 5 })).toEqual([[HOUR_MS - 5, HOUR_MS + 5, false]]);
    expect(words({ fromMs: 7, toMs: 7 })).toEqual([]);
  });

  it('is covered by its pieces without a gap, and by the ids of its calls', () => {
    const time = fc.integer({ min: 1_700_000_000_000, max: 1_700_100_000_000 });
    fc.assert(
      fc.property(time, time, time, (a, b, atMs) => {
        const [fromMs, toMs] = [Math.min(a, b), Math.max(a, b)];
        const holding = pieces({ fromMs, toMs }).filter((piece) => piece.fromMs <= atMs && atMs < piece.toMs);
        expect(holding).toHaveLength(fromMs <= atMs && atMs < toMs ? 1 : 0);
        const id = newCallId(atMs);
        for (const piece of holding) expect(piece.idFrom <= id && id < piece.idTo).toBe(true);
      }),
    );
  });
});
