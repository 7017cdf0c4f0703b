import fc from 'fast-check';
import { totalTokens, type TokenUsage } from '../../core/index.js';
import { BUILT_IN_PRICES } from './built-in-prices.js';
import { costOf, estimateOf, picoUsdOf } from './cost-of.js';
import { priceList, type ModelPrices, type Rates } from './price-list.js';

const list = priceList(BUILT_IN_PRICES, []);
const BUCKETS = ['inputUncached', 'inputCached', 'cacheWrite', 'output', 'reasoning'] as const;
const NOTHING: TokenUsage = { inputUncached: 0, inputCached: 0, cacheWrite: 0, output: 0, reasoning: 0 };
const used = (more: Partial<TokenUsage>): TokenUsage => ({ ...NOTHING, ...more });
const cost = (usage: TokenUsage, model = 'gpt-6-sol', serviceTier?: string) =>
  costOf({ model, usage, ...(serviceTier !== undefined && { serviceTier }) }, list);

describe('the cost of a call', () => {
  it('is each bucket at its own price, and names the list', () => {
    // 100 × 2000 + 50 × 200 + 10 × 2500 + (30 + 20) × 10000 nano-USD
    const usage = { inputUncached: 100, inputCached: 50, cacheWrite: 10, output: 30, reasoning: 20 };
    expect(cost(usage)).toEqual({ status: 'priced', nanoUsd: 735_000, priceVersion: BUILT_IN_PRICES.version });
  });

  it('of a million tokens is what the list says', () => {
    expect(cost(used({ inputUncached: 200_000 })).nanoUsd).toBe(400_000_000);
    expect(cost(used({ output: 1_000_000 }), 'gpt-5.5').nanoUsd).toBe(30_000_000_000);
  });

  it('takes reasoning at its own price where there is one', () => {
    const rates: Rates = { input: 1, output: 2, reasoning: 5 };
    expect(picoUsdOf(used({ output: 1, reasoning: 1 }), rates)).toBe(7n);
  });

  it('is at the price of long input for all of its tokens, cached and written ones counted in', () => {
    const long = used({ inputUncached: 1, inputCached: 272_000, output: 1 });
    expect(cost(long).nanoUsd).toBe(4_000 + 272_000 * 400 + 15_000);
    expect(cost(used({ inputCached: 272_000, output: 1 })).nanoUsd).toBe(272_000 * 200 + 10_000);
  });

  it('is rounded once, half a nano-USD upwards', () => {
    // gpt-5-nano, flex: cached input is 2.5 nano-USD a token.
    expect([1, 2, 3].map((inputCached) => cost(used({ inputCached }), 'gpt-5-nano', 'flex').nanoUsd)).toEqual([
      3, 5, 8,
    ]);
  });

  it.each([
    ['unknown when nobody said what was used', { model: 'gpt-5.5' }, 'unknown'],
    ['none when nothing was used, whatever the model', { model: 'nobody-knows', usage: NOTHING }, 'none'],
    ['unpriced for a model that is not in the list', { model: 'nobody-knows', usage: used({ output: 1 }) }, 'unpriced'],
    [
      'unpriced for a tier that has no price',
      { model: 'gpt-5.5', serviceTier: 'scale', usage: used({ output: 1 }) },
      'unpriced',
    ],
    [
      'unpriced when cache writes were reported and have no price',
      { model: 'gpt-5.5', usage: used({ inputUncached: 5, cacheWrite: 1 }) },
      'unpriced',
    ],
    [
      'unpriced when cached input was reported and has no price',
      { model: 'gpt-5.5-pro', usage: used({ inputUncached: 5, inputCached: 1 }) },
      'unpriced',
    ],
    [
      'unpriced when the numbers are beyond all measure',
      { model: 'gpt-5.5', usage: used({ output: Number.MAX_SAFE_INTEGER }) },
      'unpriced',
    ],
  ])('is %s', (_, call, status) => {
    expect(costOf(call, list)).toEqual({ status });
  });
});

describe('the cost of what we counted ourselves', () => {
  it('takes all input as not cached', () => {
    expect(estimateOf('gpt-5.5', undefined, { input: 1_000, output: 100 }, list)).toEqual({
      status: 'estimated',
      nanoUsd: 8_000_000,
      priceVersion: BUILT_IN_PRICES.version,
    });
  });

  it('is none for nothing, and unpriced without a price', () => {
    expect(estimateOf('gpt-5.5', undefined, { input: 0, output: 0 }, list)).toEqual({ status: 'none' });
    expect(estimateOf('nobody-knows', undefined, { input: 1, output: 0 }, list)).toEqual({ status: 'unpriced' });
  });
});

describe('for any usage and any rates', () => {
  const rate = fc.integer({ min: 0, max: 1_000_000_000 });
  const anyRates = fc.record({ input: rate, cachedInput: rate, cacheWrite: rate, output: rate, reasoning: rate });
  const anyUsage = (most: number) =>
    fc.record({
      inputUncached: fc.nat(most),
      inputCached: fc.nat(most),
      cacheWrite: fc.nat(most),
      output: fc.nat(most),
      reasoning: fc.nat(most),
    });
  const listOf = (rates: Rates) => {
    const model: ModelPrices = { longContextAbove: 10_000_000, tiers: new Map([['default', { default: rates }]]) };
    return priceList({ version: '2026-01-01', longContextAbove: 10_000_000, models: new Map([['m', model]]) }, []);
  };
  const nano = (usage: TokenUsage, rates: Rates): number => {
    const { status, nanoUsd } = costOf({ model: 'm', usage }, listOf(rates));
    return status === 'none' ? 0 : (nanoUsd ?? NaN);
  };

  it('the cost equals an exact reference, and is a whole number ≥ 0', () => {
    fc.assert(
      fc.property(anyUsage(1_000_000), anyRates, (usage, rates) => {
        const prices = [rates.input, rates.cachedInput, rates.cacheWrite, rates.output, rates.reasoning];
        const pico = BUCKETS.reduce((sum, bucket, at) => sum + BigInt(usage[bucket]) * BigInt(prices[at] ?? 0), 0n);
        const rounded = pico / 1_000n + (pico % 1_000n >= 500n ? 1n : 0n);
        expect(BigInt(nano(usage, rates))).toBe(rounded);
        expect(nano(usage, rates)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('more tokens of any kind never cost less', () => {
    fc.assert(
      fc.property(anyUsage(500_000), anyUsage(500_000), anyRates, (usage, more, rates) => {
        const sum = Object.fromEntries(BUCKETS.map((b) => [b, usage[b] + more[b]])) as unknown as TokenUsage;
        expect(nano(sum, rates)).toBeGreaterThanOrEqual(nano(usage, rates));
      }),
    );
  });

  it('the buckets add up: each is paid once, whatever the others hold', () => {
    fc.assert(
      fc.property(anyUsage(1_000_000), anyRates, (usage, rates) => {
        const alone = BUCKETS.map((bucket) => picoUsdOf(used({ [bucket]: usage[bucket] }), rates) ?? -1n);
        expect(alone.reduce((sum, one) => sum + one, 0n)).toBe(picoUsdOf(usage, rates));
      }),
    );
  });

  it('what is reported as one kind of token is not paid as another', () => {
    fc.assert(
      fc.property(fc.constantFrom(...BUCKETS), fc.integer({ min: 1, max: 1_000 }), (bucket, tokens) => {
        const prices = { input: 1_000, cachedInput: 2_000, cacheWrite: 3_000, output: 4_000, reasoning: 5_000 };
        const usage = used({ [bucket]: tokens });
        expect(totalTokens(usage)).toBe(tokens);
        expect(nano(usage, prices)).toBe(tokens * (BUCKETS.indexOf(bucket) + 1));
      }),
    );
  });
});
