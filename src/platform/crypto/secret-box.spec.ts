import { parseKeyRing } from './key-ring.js';
import { SecretBox, SecretUnreadable } from './secret-box.js';

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const old = new SecretBox(parseKeyRing(`v1:${key(1)}`));
const rotated = new SecretBox(parseKeyRing(`v2:${key(2)},v1:${key(1)}`));
const place = { purpose: 'upstream_account.refresh_token', row: 'a1' };

const keyIdOf = (sealed: Buffer) => sealed.toString('latin1', 2, 2 + (sealed[1] ?? 0));

describe('SecretBox', () => {
  it.each(['', 'token', 'Grüße 世界 👩‍🚀', 'x'.repeat(100_000)])('opens what it sealed (%#)', (plain) => {
    expect(old.open(old.seal(plain, place), place)).toBe(plain);
  });

  it('lays the envelope out as format, key id, nonce, tag and ciphertext', () => {
    const sealed = old.seal('token', place);
    expect([...sealed.subarray(0, 4)]).toEqual([1, 2, ...Buffer.from('v1')]);
    expect(sealed.length).toBe(4 + 12 + 16 + 'token'.length);
    expect(sealed.includes('token')).toBe(false);
  });

  it('seals the same text differently every time', () => {
    expect(old.seal('token', place).equals(old.seal('token', place))).toBe(false);
  });

  it('seals with the newest key and still opens what an older one sealed', () => {
    expect(keyIdOf(rotated.seal('token', place))).toBe('v2');
    expect(rotated.open(old.seal('token', place), place)).toBe('token');
  });

  it('does not open what a key that left the ring sealed', () => {
    const sealed = rotated.seal('token', place);
    expect(() => old.open(sealed, place)).toThrow(SecretUnreadable);
  });

  it('does not open with another key under the same id', () => {
    const other = new SecretBox(parseKeyRing(`v1:${key(9)}`));
    expect(() => other.open(old.seal('token', place), place)).toThrow(SecretUnreadable);
  });

  it.each([
    { ...place, row: 'a2' },
    { ...place, purpose: 'upstream_account.access_token' },
    { purpose: `${place.purpose}${place.row}`, row: '' },
  ])('opens only in its own place, not in %j', (elsewhere) => {
    expect(() => old.open(old.seal('token', place), elsewhere)).toThrow(SecretUnreadable);
  });

  it('refuses a place whose parts could be read as another one', () => {
    expect(() => old.seal('token', { purpose: 'a\0b', row: 'c' })).toThrow(/NUL/);
    expect(() => old.seal('token', { purpose: 'a', row: 'b\0c' })).toThrow(/NUL/);
  });

  it('refuses an envelope with any bit flipped', () => {
    const sealed = rotated.seal('token', place);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const flipped = Buffer.from(sealed);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => rotated.open(flipped, place)).toThrow(SecretUnreadable);
    }
  });

  it('refuses an envelope cut at any byte, or with a byte more', () => {
    const sealed = rotated.seal('token', place);
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => rotated.open(sealed.subarray(0, length), place)).toThrow(SecretUnreadable);
    }
    expect(() => rotated.open(Buffer.concat([sealed, Buffer.from([0])]), place)).toThrow(SecretUnreadable);
  });

  it('says nothing about key, place or content when it refuses', () => {
    const fixed = new SecretUnreadable();
    expect(fixed.cause).toBeUndefined();
    const wrong = [Buffer.from('token'), old.seal('token', { ...place, row: 'a2' }), rotated.seal('token', place)];
    for (const sealed of wrong) expect(() => old.open(sealed, place)).toThrow(fixed.message);
  });
});
