import { z } from 'zod';
import {
  PRICE_BANDS,
  RATE_NAMES,
  type BandRates,
  type BasePrices,
  type ModelPrices,
  type Rates,
} from './price-list.js';
import { picoPerToken } from './usd.js';

/** A list that is no list; the message says what is wrong, and holds nothing of it but names that are safe to show. */
export class PricesInvalid extends Error {
  override readonly name = 'PricesInvalid';
}

const MOST_PROBLEMS = 5;

const usd = z.string().refine((text) => picoPerToken(text) !== undefined, {
  error: 'must be USD per 1M tokens as text, such as "1.25", with at most six decimals',
});
const rates = z.strictObject({
  input: usd,
  cachedInput: usd.nullish(),
  cacheWrite: usd.nullish(),
  output: usd,
  reasoning: usd.nullish(),
});
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a day, such as 2026-11-21');
const modelName = z.string().regex(/^[a-z0-9][a-z0-9._:/-]{0,99}$/, 'must be a lower-case name');
const tierName = z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be the name of a tier');
const tokens = z.number().int().positive().max(100_000_000);
const bands = z.strictObject({ default: rates, longContext: rates.nullish() });

const priceFile = z.strictObject({
  version: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(\.[1-9]\d{0,2})?$/, 'must be a day, such as 2026-11-21 or 2026-11-21.2'),
  sources: z.array(z.strictObject({ url: z.url({ protocol: /^https$/ }).max(500), read: day })).max(100),
  longContextAbove: tokens,
  models: z.record(
    modelName,
    z.strictObject({
      aliases: z.array(modelName).max(50).optional(),
      longContextAbove: tokens.optional(),
      tiers: z.record(tierName, bands),
    }),
  ),
});

type PriceFile = z.infer<typeof priceFile>;

/**
 * A price list as it is written down: USD per 1 M tokens as decimal text, by model, tier and length of the input.
 *
 * @throws PricesInvalid
 */
export function basePricesOf(written: unknown): BasePrices {
  const { success, data, error } = priceFile.safeParse(written);
  if (!success) throw new PricesInvalid(problems(error));
  const models = new Map<string, ModelPrices>();
  for (const [name, model] of Object.entries(data.models)) {
    const prices = modelPrices(model, data.longContextAbove);
    for (const known of [name, ...(model.aliases ?? [])]) {
      if (models.has(known)) throw new PricesInvalid(`The model ${known} is in the list twice.`);
      models.set(known, prices);
    }
  }
  if (models.size === 0) throw new PricesInvalid('The list holds no model.');
  return { version: data.version, longContextAbove: data.longContextAbove, models };
}

/** @throws PricesInvalid */
export function parsedPrices(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PricesInvalid('It is not JSON.');
  }
}

function modelPrices(model: PriceFile['models'][string], longContextAbove: number): ModelPrices {
  const tiers = Object.entries(model.tiers).map(([tier, given]): [string, BandRates] => [
    tier,
    Object.fromEntries(
      PRICE_BANDS.flatMap((band) => {
        const written = given[band];
        if (written === undefined) return [];
        return [[band, written === null ? null : ratesOf(written)]];
      }),
    ),
  ]);
  return { longContextAbove: model.longContextAbove ?? longContextAbove, tiers: new Map(tiers) };
}

const ratesOf = (written: z.infer<typeof rates>): Rates =>
  Object.fromEntries(
    RATE_NAMES.flatMap((name) => {
      const price = written[name];
      return price === null || price === undefined ? [] : [[name, picoPerToken(price)]];
    }),
  ) as unknown as Rates;

function problems({ issues }: z.ZodError): string {
  const told = issues.slice(0, MOST_PROBLEMS).map(({ path, message }) => `${path.map(shown).join('.')}: ${message}`);
  const more = issues.length - told.length;
  return `It is no price list. ${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

const shown = (part: PropertyKey): string =>
  String(part)
    .replace(/[^A-Za-z0-9._:/-]/g, '?')
    .slice(0, 60);
