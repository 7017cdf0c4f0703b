import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILT_IN_PRICES } from './built-in-prices.js';
import { basePricesOf, parsedPrices } from './price-file.js';
import { compareVersions } from './price-list.js';

const rates = { input: '1', output: '2' };
const file = (more: object = {}) => ({
  version: '2026-11-22',
  sources: [],
  longContextAbove: 272_000,
  models: { 'gpt-x': { tiers: { default: { default: rates } } } },
  ...more,
});
const model = (more: object) => file({ models: { 'gpt-x': { tiers: { default: { default: rates } }, ...more } } });

describe('a price list that is written down', () => {
  it('gives pico-USD per token, by name and by alias', () => {
    const { models } = basePricesOf(model({ aliases: ['gpt-y'], longContextAbove: 128_000 }));
    expect(models.get('gpt-y')).toBe(models.get('gpt-x'));
    expect(models.get('gpt-x')).toEqual({
      longContextAbove: 128_000,
      tiers: new Map([['default', { default: { input: 1_000_000, output: 2_000_000 } }]]),
    });
  });

  it('tells a price that is not there from one that nobody says', () => {
    const bands = { default: { ...rates, cacheWrite: null }, longContext: null };
    const { models } = basePricesOf(file({ models: { a: { tiers: { default: bands } } } }));
    expect(models.get('a')?.tiers.get('default')).toEqual({
      default: { input: 1_000_000, output: 2_000_000 },
      longContext: null,
    });
  });

  it.each([
    ['is no object', 7, 'It is no price list'],
    ['has no version of ours', file({ version: 'v1' }), 'version: must be a day'],
    ['has a field that nobody knows', file({ prices: {} }), 'Unrecognized key'],
    [
      'has a price that is a number',
      file({ models: { a: { tiers: { default: { default: { input: 1, output: '2' } } } } } }),
      'models.a.tiers.default.default.input',
    ],
    [
      'has a negative price',
      file({ models: { a: { tiers: { default: { default: { input: '-1', output: '2' } } } } } }),
      'must be USD per 1M tokens',
    ],
    [
      'lacks the price of output',
      file({ models: { a: { tiers: { default: { default: { input: '1' } } } } } }),
      'output',
    ],
    ['has a strange name', file({ models: { 'A B': { tiers: {} } } }), 'models'],
    ['has a name twice', model({ aliases: ['gpt-x'] }), 'gpt-x is in the list twice'],
    ['is empty', file({ models: {} }), 'holds no model'],
  ])('is refused when it %s', (_, written, why) => {
    expect(() => basePricesOf(written)).toThrow(why);
  });

  it('is refused when it is not JSON', () => {
    expect(() => parsedPrices('{')).toThrow('It is not JSON.');
  });

  it('shows no more of a bad list than safe characters and a few problems', () => {
    const bad = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`m${at}\u001b[31m`, {}]));
    expect(() => basePricesOf(file({ models: bad }))).toThrow(/^[ -~]{1,900}and \d+ more$/);
  });
});

describe('the list that we ship', () => {
  it('stands beside the code, so that a build takes it along', () => {
    expect(existsSync(join(__dirname, 'openai.json'))).toBe(true);
  });

  it('says where each price is from, and when that was read', () => {
    const { sources } = JSON.parse(readFileSync(join(__dirname, 'openai.json'), 'utf8')) as {
      sources: { url: string; read: string }[];
    };
    expect(sources.length).toBeGreaterThan(0);
    for (const { read } of sources) expect(read <= BUILT_IN_PRICES.version).toBe(true);
  });

  it('takes less for cached input and nothing less for long input, in every tier', () => {
    for (const { tiers } of BUILT_IN_PRICES.models.values()) {
      for (const { default: short, longContext } of tiers.values()) {
        if (!short) throw new Error('a tier without a price');
        expect(short.cachedInput ?? 0).toBeLessThan(short.input);
        expect(short.cacheWrite ?? short.input).toBeGreaterThanOrEqual(short.input);
        if (longContext) expect(longContext.input).toBeGreaterThan(short.input);
      }
    }
  });

  it.each([
    'gpt-5',
    'gpt-5-codex',
    'gpt-5.1-codex-max',
    'gpt-5.3-codex',
    'gpt-5.5',
    'gpt-5.6-sol',
    'gpt-6-sol',
    'gpt-6.2-sol',
  ])('knows %s', (name) => {
    expect(BUILT_IN_PRICES.models.get(name)?.tiers.get('default')?.default?.input).toBeGreaterThan(0);
  });
});

describe('versions', () => {
  it('are in the order of their days, then of their numbers', () => {
    const ordered = ['2025-12-31', '2026-01-01', '2026-01-01.2', '2026-01-01.10', '2026-01-02'];
    expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
    expect(compareVersions('2026-01-01', '2026-01-01')).toBe(0);
  });
});
