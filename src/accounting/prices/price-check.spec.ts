import { differenceOf, suspicions } from './price-check.js';
import type { BasePrices, ModelPrices } from './price-list.js';

const model = (input: number, output = 100): ModelPrices => ({
  longContextAbove: 272_000,
  tiers: new Map([['default', { default: { input, output } }]]),
});
const prices = (models: Record<string, ModelPrices>): BasePrices => ({
  version: '2026-01-01',
  longContextAbove: 272_000,
  models: new Map(Object.entries(models)),
});

describe('a new price list', () => {
  const known = prices({ a: model(100), b: model(200) });

  it.each([
    [1_000, []],
    [10, []],
    [1_001, ['a: default default input rises to more than ten times what it was']],
    [9, ['a: default default input drops below a tenth of what it was']],
    [0, ['a: default default input drops below a tenth of what it was']],
  ])('whose price goes from 100 to %d raises the doubts %j', (input, doubts) => {
    expect(suspicions(known, prices({ a: model(input), b: model(200) }))).toEqual(doubts);
  });

  it('raises doubts when more than half of the models are gone', () => {
    const four = prices({ a: model(1), b: model(1), c: model(1), d: model(1) });
    expect(suspicions(four, prices({ a: model(1), b: model(1) }))).toEqual([]);
    expect(suspicions(four, prices({ a: model(1) }))).toEqual(['it holds 1 models where 4 are known']);
  });

  it('may price what had no price', () => {
    const known = prices({ a: { longContextAbove: 1, tiers: new Map([['default', { longContext: null }]]) } });
    expect(suspicions(known, prices({ a: model(1_000_000), b: model(1) }))).toEqual([]);
  });

  it('is compared model by model', () => {
    const next = prices({ a: model(100), b: model(300), c: model(1) });
    expect(differenceOf(known, next)).toEqual({ added: 1, removed: 0, changed: 1 });
    expect(differenceOf(next, known)).toEqual({ added: 0, removed: 1, changed: 1 });
    expect(differenceOf(known, known)).toEqual({ added: 0, removed: 0, changed: 0 });
  });
});
