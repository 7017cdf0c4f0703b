import { RATE_NAMES, type PriceBand, type PriceOverride, type RateName, type Rates } from './price-list.js';

export type StoredBand = 'default' | 'long_context';

export const storedBand = (band: PriceBand): StoredBand => (band === 'default' ? 'default' : 'long_context');

/** A row of `model_price`: bigints come as text. */
export type OverrideRow = { readonly [name in RateName]: string | null } & {
  readonly id: string;
  readonly model: string;
  readonly tier: string;
  readonly band: StoredBand;
};

export function overrideOf({ id, model, tier, band, ...row }: OverrideRow): PriceOverride {
  const rates = Object.fromEntries(
    RATE_NAMES.flatMap((name) => (row[name] === null ? [] : [[name, Number(row[name])]])),
  ) as unknown as Rates;
  const known = row.input !== null && { rates };
  return { id: Number(id), model, tier, band: band === 'default' ? 'default' : 'longContext', ...known };
}
