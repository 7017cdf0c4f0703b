import fc from 'fast-check';
import { usdOf } from '../core/index.js';
import { KeyRefused } from './key-refused.js';
import { nanoUsdOf } from './nano-usd.js';

describe('money of a budget', () => {
  it.each([
    ['5', 5_000_000_000],
    [0.1, 100_000_000],
    ['0.000000001', 1],
    [' 12.50 ', 12_500_000_000],
    ['999999.999999999', 999_999_999_999_999],
  ])('%j is %d nano-USD', (usd, nano) => {
    expect(nanoUsdOf(usd)).toBe(nano);
  });

  it.each(['', '0', '0.0', '-1', '1e3', 'five', '1.0000000001', '1000000', NaN, 1e-10])('%j is none', (usd) => {
    expect(() => nanoUsdOf(usd)).toThrow(KeyRefused);
  });

  it('reads as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999_999_999 }), (nano) => {
        expect(nanoUsdOf(usdOf(nano))).toBe(nano);
      }),
    );
  });
});
