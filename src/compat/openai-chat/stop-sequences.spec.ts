import fc from 'fast-check';
import { StopSequences } from './stop-sequences.js';

/** What of the pieces passes, and whether a stop sequence was met. */
function pass(stops: readonly string[], pieces: readonly string[]): { shown: string[]; stopped: boolean } {
  const sequences = new StopSequences(stops);
  const shown: string[] = [];
  for (const piece of pieces) {
    const { text, stopped } = sequences.push(piece);
    shown.push(text);
    if (stopped) return { shown, stopped };
  }
  return { shown: [...shown, sequences.rest()], stopped: false };
}

describe('stop sequences', () => {
  it('end the text in front of the first of them', () => {
    expect(pass(['END', '\n\n'], ['one\n\ntwo END'])).toEqual({ shown: ['one'], stopped: true });
  });

  it('are found where they straddle pieces', () => {
    expect(pass(['STOP'], ['abcS', 'T', 'OP!'])).toEqual({ shown: ['abc', '', ''], stopped: true });
  });

  it('hold back nothing but what may be the beginning of one', () => {
    expect(pass(['STOP'], ['xS', 'Ty', 'z'])).toEqual({ shown: ['x', 'STy', 'z', ''], stopped: false });
  });

  it('give back what was held when the text is over', () => {
    expect(pass(['STOP'], ['done ST'])).toEqual({ shown: ['done ', 'ST'], stopped: false });
  });

  it('find a sequence that repeats its own beginning', () => {
    expect(pass(['aab'], ['aa', 'a', 'b'])).toEqual({ shown: ['', 'a', ''], stopped: true });
  });

  it('cut where the longer of two begins that end together', () => {
    expect(pass(['b', 'ab'], ['xab'])).toEqual({ shown: ['x'], stopped: true });
  });

  it('pass everything when there are none', () => {
    expect(pass([], ['a', 'b'])).toEqual({ shown: ['a', 'b', ''], stopped: false });
  });

  it('show what a search in the whole text shows, however it is cut into pieces', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 });
    const stop = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 8 }), fc.array(stop, { maxLength: 4 }), (pieces, stops) => {
        const { shown, stopped } = pass(stops, pieces);
        const whole = pieces.join('');
        const ends = stops.filter((each) => whole.includes(each)).map((each) => whole.indexOf(each) + each.length);
        const first = Math.min(...ends);
        const met = stops.filter((each) => whole.slice(0, first).endsWith(each)).map((each) => first - each.length);
        expect(stopped).toBe(ends.length > 0);
        expect(shown.join('')).toBe(stopped ? whole.slice(0, Math.min(...met)) : whole);
      }),
      { numRuns: 500, seed: 4 },
    );
  });

  it('look at a long text with long sequences once (no stall)', () => {
    const startedAt = performance.now();
    pass(['a'.repeat(100_000) + 'b'], ['a'.repeat(400_000)]);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
