import fc from 'fast-check';
import { HeldBytes } from './held-bytes.js';

describe('HeldBytes', () => {
  it('gives back what it was given, in order, and its beginning', () => {
    const size = fc.oneof(fc.nat(8), fc.integer({ min: 1000, max: 1100 }), fc.integer({ min: 4000, max: 5000 }));
    fc.assert(
      fc.property(fc.array(size, { maxLength: 30 }), fc.nat(6000), (sizes, limit) => {
        const held = new HeldBytes();
        const pieces = sizes.map((bytes, index) => Buffer.alloc(bytes, index + 1));
        const all = Buffer.concat(pieces);
        for (const piece of pieces) held.add(piece);
        expect(held.length).toBe(all.length);
        expect(held.head(limit).equals(all.subarray(0, limit))).toBe(true);
        expect(held.takeWith(Buffer.from('end')).equals(Buffer.concat([all, Buffer.from('end')]))).toBe(true);
        expect(held.length).toBe(0);
        expect(held.takeWith(Buffer.alloc(0)).length).toBe(0);
      }),
    );
  });

  it('keeps what it was given when the giver reuses a small buffer', () => {
    const held = new HeldBytes();
    const shared = Buffer.from('ab');
    held.add(shared);
    shared.fill('x');
    expect(held.takeWith(Buffer.alloc(0)).toString()).toBe('ab');
  });
});
