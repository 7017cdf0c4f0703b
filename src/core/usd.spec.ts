import fc from 'fast-check';
import { usdOf } from './usd.js';

describe('money in words', () => {
  it.each([
    [0, '0.00'],
    [1, '0.000000001'],
    [70_000_000, '0.07'],
    [1_500_000_000, '1.50'],
    [-70_000_000, '-0.07'],
    [9_007_199_254_740_993n, '9007199.254740993'],
  ])('%s nano-USD are %s USD', (nano, usd) => {
    expect(usdOf(nano)).toBe(usd);
  });

  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.bigInt(), (nano) => {
        const [whole = '', fraction = ''] = usdOf(nano).split('.');
        expect(BigInt(whole + fraction.padEnd(9, '0'))).toBe(nano);
      }),
    );
  });
});
