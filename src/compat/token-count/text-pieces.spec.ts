import fc from 'fast-check';
import { textPieces } from './text-pieces.js';

describe('textPieces', () => {
  it('gives the whole text in pieces of at most 1,000 characters', () => {
    const long = fc
      .array(fc.constantFrom('a', ' ', '\n', 'word ', '🙂'), { maxLength: 5_000 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(long, (text) => {
        const pieces = [...textPieces(text)];
        expect(pieces.join('')).toBe(text);
        expect(Math.max(0, ...pieces.map(({ length }) => length))).toBeLessThanOrEqual(1_000);
      }),
    );
  });

  it('cuts in front of a space, which belongs to the word behind it', () => {
    const [first, second] = textPieces('four '.repeat(300));
    expect([first?.at(-1), second?.slice(0, 5)]).toEqual(['r', ' four']);
  });
});
