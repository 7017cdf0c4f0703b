import { constantTimeEqual, sha256 } from './digest.js';

describe('sha256', () => {
  it('is the digest of the bytes, or of the text as UTF-8', () => {
    expect(sha256('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256('é').equals(sha256(Buffer.from([0xc3, 0xa9])))).toBe(true);
  });
});

describe('constantTimeEqual', () => {
  it('is true for equal bytes only, and does not throw on different lengths', () => {
    expect(constantTimeEqual(Buffer.from('abc'), Buffer.from('abc'))).toBe(true);
    expect(constantTimeEqual(Buffer.from('abc'), Buffer.from('abd'))).toBe(false);
    expect(constantTimeEqual(Buffer.from('abc'), Buffer.from('abcd'))).toBe(false);
    expect(constantTimeEqual(Buffer.alloc(0), Buffer.alloc(0))).toBe(true);
  });
});
