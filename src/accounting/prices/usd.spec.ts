import fc from 'fast-check';
import { picoPerToken, usdPerMillion } from './usd.js';

describe('a price in USD per 1M tokens', () => {
  it.each([
    ['1.25', 1_250_000],
    ['0', 0],
    ['600', 600_000_000],
    ['0.0025', 2_500],
    ['0.000001', 1],
  ])('%s is %d pico-USD per token', (text, pico) => {
    expect(picoPerToken(text)).toBe(pico);
  });

  it.each(['', '-1', '1.', '.5', '1e3', '0.0000001', '1,25', ' 1', '$1', 'NaN', '12345678'])('is not %j', (text) => {
    expect(picoPerToken(text)).toBeUndefined();
  });

  it('is written as it was read, with cents at least', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), (pico) => {
        expect(picoPerToken(usdPerMillion(pico))).toBe(pico);
      }),
    );
    expect(usdPerMillion(1_250_000)).toBe('1.25');
    expect(usdPerMillion(600_000_000)).toBe('600.00');
  });
});
