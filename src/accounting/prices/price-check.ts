import { PRICE_BANDS, RATE_NAMES, type BasePrices, type ModelPrices } from './price-list.js';

/** By how much one price may change from one list to the next, in either direction. */
const LARGEST_CHANGE = 10;

/** One price of a list, by the words of its file. */
const everyPrice = ({ tiers }: ModelPrices): Map<string, number> =>
  new Map(
    [...tiers].flatMap(([tier, bands]) =>
      PRICE_BANDS.flatMap((band) =>
        RATE_NAMES.flatMap((name): [string, number][] => {
          const rate = bands[band]?.[name];
          return rate === undefined ? [] : [[`${tier} ${band} ${name}`, rate]];
        }),
      ),
    ),
  );

/** What speaks against believing a new list: prices that leap, models that vanish. Empty when nothing does. */
export function suspicions(known: BasePrices, next: BasePrices): string[] {
  const found: string[] = [];
  if (next.models.size * 2 < known.models.size) {
    found.push(`it holds ${next.models.size} models where ${known.models.size} are known`);
  }
  for (const [model, prices] of next.models) {
    const before = known.models.get(model);
    if (before === undefined) continue;
    const old = everyPrice(before);
    for (const [price, rate] of everyPrice(prices)) {
      const was = old.get(price);
      if (was === undefined || !leaps(was, rate)) continue;
      found.push(
        `${model}: ${price} ${rate > was ? 'rises to more than ten times' : 'drops below a tenth of'} what it was`,
      );
    }
  }
  return found;
}

const leaps = (was: number, rate: number): boolean => rate > was * LARGEST_CHANGE || rate * LARGEST_CHANGE < was;

/** How two lists differ, in numbers of models. */
export interface PriceDifference {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

export function differenceOf(known: BasePrices, next: BasePrices): PriceDifference {
  const same = (one: ModelPrices, other: ModelPrices): boolean => worded(one) === worded(other);
  const names = [...next.models.keys()];
  return {
    added: names.filter((name) => !known.models.has(name)).length,
    removed: [...known.models.keys()].filter((name) => !next.models.has(name)).length,
    changed: [...next.models].filter(([name, prices]) => {
      const before = known.models.get(name);
      return before !== undefined && !same(before, prices);
    }).length,
  };
}

const worded = (prices: ModelPrices): string =>
  [prices.longContextAbove, ...[...everyPrice(prices)].map(([price, rate]) => `${price}=${rate}`).sort()].join();
