import fc from 'fast-check';
import { keysetCursor, keysetPosition, pageIn } from './page.js';

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { maxLength: 40 });
/** What comes and what goes between two pages. */
const turmoil = fc.array(fc.record({ come: names, go: fc.array(fc.nat(60), { maxLength: 10 }) }), { maxLength: 12 });

describe('pages of a list', () => {
  it('hold, in order and once each, all that was there throughout, whatever comes and goes meanwhile', () => {
    fc.assert(
      fc.property(names, turmoil, fc.integer({ min: 1, max: 7 }), (before, changes, limit) => {
        const there = new Set(before);
        const throughout = new Set(before);
        const seen: string[] = [];
        let after: string | undefined;
        for (let turn = 0; ; turn += 1) {
          const { items, next } = pageIn([...there], { limit, after }, (name) => name);
          expect(items.length).toBeLessThanOrEqual(limit);
          seen.push(...items);
          if (next === undefined) break;
          after = next;
          const { come = [], go = [] } = changes[turn] ?? {};
          for (const at of go) {
            const gone = [...there][at];
            if (gone === undefined) continue;
            there.delete(gone);
            throughout.delete(gone);
          }
          for (const name of come) there.add(name);
        }
        expect(seen).toEqual([...new Set(seen)].sort((a, b) => (a < b ? -1 : 1)));
        expect([...throughout].filter((name) => !seen.includes(name))).toEqual([]);
      }),
    );
  });

  it('end without a cursor', () => {
    expect(pageIn(['b', 'a'], { limit: 2 }, (name) => name)).toEqual({ items: ['a', 'b'] });
    expect(pageIn([], { limit: 2 }, (name: string) => name)).toEqual({ items: [] });
  });
});

describe('the cursor of a table', () => {
  const position = { at: '2026-11-22T03:10:00.123456Z', id: '3f2b7c1d-2e40-4a6f-8b0c-1d2e3f4a5b6c' };

  it('gives back what it was made of', () => {
    expect(keysetPosition(keysetCursor(position))).toEqual(position);
    expect(keysetPosition(undefined)).toBeUndefined();
  });

  it.each(['0000-01-01T00:00:00.0Z', '2026-02-30T00:00:00.0Z', '2026-01-01T24:00:00.0Z', '2026-13-01T00:00:00.0Z'])(
    'with a time that there is not, as %s, is refused',
    (at) => {
      expect(() => keysetPosition(keysetCursor({ ...position, at }))).toThrow('It is no cursor of this list.');
    },
  );

  it('that nobody made is refused', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        expect(() => keysetPosition(text)).toThrow('It is no cursor of this list.');
        expect(() => keysetPosition(Buffer.from(text).toString('base64url'))).toThrow('It is no cursor of this list.');
      }),
    );
  });
});
