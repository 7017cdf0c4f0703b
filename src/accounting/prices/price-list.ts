/** By the length of the input; where a call is no longer than the threshold, or nothing else is known: `default`. */
export const PRICE_BANDS = ['default', 'longContext'] as const;
export type PriceBand = (typeof PRICE_BANDS)[number];

/** What tokens of one kind cost: pico-USD (10⁻¹² USD) per token, whole numbers ≥ 0. Absent: nobody says. */
export interface Rates {
  readonly input: number;
  readonly cachedInput?: number;
  readonly cacheWrite?: number;
  readonly output: number;
  /** Absent: as `output`. */
  readonly reasoning?: number;
}

export const RATE_NAMES = ['input', 'cachedInput', 'cacheWrite', 'output', 'reasoning'] as const;
export type RateName = (typeof RATE_NAMES)[number];

/** `null`: such calls have a price of their own, and nobody says which. */
export type BandRates = Readonly<Partial<Record<PriceBand, Rates | null>>>;

export interface ModelPrices {
  /** Calls with more input tokens than this are in the band `longContext`. */
  readonly longContextAbove: number;
  /** By service tier. */
  readonly tiers: ReadonlyMap<string, BandRates>;
}

/** What somebody published, or we ship. */
export interface BasePrices {
  /** `2026-11-21`, or `2026-11-21.2` for the second one of a day. */
  readonly version: string;
  readonly longContextAbove: number;
  /** By lower-case name; aliases of a model share one object. */
  readonly models: ReadonlyMap<string, ModelPrices>;
}

/** A price that the operator set. Without rates: the list's own price holds again. */
export interface PriceOverride {
  readonly id: number;
  /** Lower-case name, or pattern with `*`. */
  readonly model: string;
  readonly tier: string;
  readonly band: PriceBand;
  readonly rates?: Rates;
}

export interface PriceList extends BasePrices {
  /** Names all that it was made of: `2026-11-21`, with overrides up to the 17th `2026-11-21+o17`. */
  readonly priceVersion: string;
  /** The newest one of each model, tier and band. */
  readonly overrides: readonly PriceOverride[];
}

/** @param overrides all that hold now, oldest first */
export function priceList(base: BasePrices, overrides: readonly PriceOverride[]): PriceList {
  const newest = new Map(overrides.map((one) => [`${one.model} ${one.tier} ${one.band}`, one]));
  const last = overrides.at(-1);
  return {
    ...base,
    priceVersion: last === undefined ? base.version : `${base.version}+o${last.id}`,
    overrides: [...newest.values()],
  };
}

/** Which of two versions is the newer one: negative, zero or positive. */
export function compareVersions(one: string, other: string): number {
  const [day = '', number = '1'] = one.split('.');
  const [otherDay = '', otherNumber = '1'] = other.split('.');
  if (day !== otherDay) return day < otherDay ? -1 : 1;
  return Number(number) - Number(otherNumber);
}
