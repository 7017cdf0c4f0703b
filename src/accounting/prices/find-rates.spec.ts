import { BUILT_IN_PRICES } from './built-in-prices.js';
import { findRates } from './find-rates.js';
import { priceList, type PriceOverride } from './price-list.js';

const list = priceList(BUILT_IN_PRICES, []);
const withOverrides = (...overrides: PriceOverride[]) => priceList(BUILT_IN_PRICES, overrides);
const SHORT = 1_000;

describe('the rates of a call', () => {
  it('are those of its model, in pico-USD per token', () => {
    expect(findRates(list, 'gpt-5.5', undefined, SHORT)).toEqual({
      input: 5_000_000,
      cachedInput: 500_000,
      output: 30_000_000,
    });
  });

  it.each([
    ['gpt-5.5-2026-04-23', 'gpt-5.5'],
    ['gpt-5.4-mini-2026-03-17', 'gpt-5.4-mini'],
    ['gpt-4o-20240806', 'gpt-4o'],
    [' GPT-5.5 ', 'gpt-5.5'],
    ['gpt-5.6', 'gpt-5.6-sol'],
  ])('of %s are those of %s', (name, model) => {
    expect(findRates(list, name, undefined, SHORT)).toEqual(findRates(list, model, undefined, SHORT));
    expect(findRates(list, name, undefined, SHORT)).toBeDefined();
  });

  it('of a snapshot that has a price of its own are not those of its model', () => {
    expect(findRates(list, 'gpt-4o-2024-05-13', undefined, SHORT)?.input).toBe(5_000_000);
  });

  it.each(['gpt-5.5-mini', 'gpt-5.55', 'gpt-5.5-codex', 'gpt-7', 'gpt', '', 'codex-auto-review', 'gpt-5.5-2026'])(
    'are not inferred from another family: %j',
    (model) => {
      expect(findRates(list, model, undefined, SHORT)).toBeUndefined();
    },
  );

  it.each([
    [undefined, 5_000_000],
    ['', 5_000_000],
    ['auto', 5_000_000],
    ['default', 5_000_000],
    ['flex', 2_500_000],
    ['priority', 12_500_000],
    ['fast', 12_500_000],
    ['FAST', 12_500_000],
    ['batch', 2_500_000],
    ['scale', undefined],
    ['tomorrow', undefined],
  ])('in the tier %j are %j for input', (tier, input) => {
    expect(findRates(list, 'gpt-5.5', tier, SHORT)?.input).toBe(input);
  });

  it('change when the whole input is longer than 272 000 tokens', () => {
    expect(findRates(list, 'gpt-5.5', undefined, 272_000)?.input).toBe(5_000_000);
    expect(findRates(list, 'gpt-5.5', undefined, 272_001)?.input).toBe(10_000_000);
  });

  it('of long input are the others where the model has none for it', () => {
    expect(findRates(list, 'gpt-5', undefined, 300_000)?.input).toBe(1_250_000);
  });

  it('are unknown where long input is known to cost something else', () => {
    expect(findRates(list, 'gpt-6.2-astra', undefined, 272_000)?.input).toBe(8_000_000);
    expect(findRates(list, 'gpt-6.2-astra', undefined, 272_001)).toBeUndefined();
  });
});

describe('a price that the operator set', () => {
  const rates = { input: 1, output: 2 };
  const override = (id: number, model: string, more: Partial<PriceOverride> = {}): PriceOverride => ({
    id,
    model,
    tier: 'default',
    band: 'default',
    rates,
    ...more,
  });

  it('goes before the list, in its tier and band alone', () => {
    const set = withOverrides(override(1, 'gpt-5.5'));
    expect(findRates(set, 'gpt-5.5', undefined, SHORT)).toEqual(rates);
    expect(findRates(set, 'gpt-5.5-2026-04-23', undefined, SHORT)).toEqual(rates);
    expect(findRates(set, 'gpt-5.5', 'flex', SHORT)?.input).toBe(2_500_000);
    expect(findRates(set, 'gpt-5.5', undefined, 300_000)?.input).toBe(10_000_000);
    expect(findRates(set, 'gpt-5.5-pro', undefined, SHORT)?.input).toBe(30_000_000);
  });

  it('gives a model a price that the list does not know', () => {
    const set = withOverrides(
      override(1, 'acme-*'),
      override(2, 'acme-2', { band: 'longContext', rates: { input: 9, output: 9 } }),
    );
    expect(findRates(set, 'acme-1', undefined, SHORT)).toEqual(rates);
    expect(findRates(set, 'acme-2', undefined, 300_000)?.input).toBe(9);
    expect(findRates(set, 'acme-1', 'flex', SHORT)).toBeUndefined();
  });

  it('is the closest one: a name before a pattern, a longer pattern before a shorter one', () => {
    const at = (input: number) => ({ rates: { input, output: 0 } });
    const set = withOverrides(
      override(1, 'gpt-5.5', at(1)),
      override(2, 'gpt-5*', at(2)),
      override(3, '*', at(3)),
      override(4, 'gpt-5.5-2026-04-23', at(4)),
    );
    const inputs = ['gpt-5.5', 'gpt-5.5-2026-04-23', 'gpt-5.4', 'o3'].map((m) => findRates(set, m, '', SHORT)?.input);
    expect(inputs).toEqual([1, 4, 2, 3]);
  });

  it('is the newest one, and without rates gives the list’s own back', () => {
    const changed = withOverrides(override(1, 'gpt-5.5'), override(2, 'gpt-5.5', { rates: { input: 7, output: 7 } }));
    expect(findRates(changed, 'gpt-5.5', '', SHORT)?.input).toBe(7);
    const { rates: _, ...without } = override(3, 'gpt-5.5');
    const ended = withOverrides(override(1, 'gpt-5.5'), without);
    expect(findRates(ended, 'gpt-5.5', '', SHORT)?.input).toBe(5_000_000);
    expect([list, changed, ended].map(({ priceVersion }) => priceVersion)).toEqual([
      BUILT_IN_PRICES.version,
      `${BUILT_IN_PRICES.version}+o2`,
      `${BUILT_IN_PRICES.version}+o3`,
    ]);
  });
});
