import { BUILT_IN_PRICES } from '../prices/built-in-prices.js';
import { estimateOf } from '../prices/cost-of.js';
import { priceList } from '../prices/price-list.js';
import { estimate } from './estimate.js';

describe('estimate', () => {
  it('counts a token for every four bytes that were begun, up to what a model reads', () => {
    expect([0, 1, 4, 5, 10_000_000].map((bytes) => estimate(bytes).input)).toEqual([0, 1, 1, 2, 400_000]);
  });

  it('expects as much output as was asked for, and never less than a short answer', () => {
    expect([undefined, 10, 5_000].map((most) => estimate(0, most).output)).toEqual([512, 512, 5_000]);
  });

  it('expects no more than a model writes, so that whatever is asked for has a price', () => {
    const { input, output } = estimate(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    expect([input, output]).toEqual([400_000, 1_000_000]);
    const cost = estimateOf('gpt-5.5', 'priority', { input, output }, priceList(BUILT_IN_PRICES, []));
    expect(cost).toMatchObject({ status: 'estimated', nanoUsd: expect.any(Number) as number });
  });
});
