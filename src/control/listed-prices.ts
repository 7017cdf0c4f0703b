import { PRICE_BANDS, type PriceBand, type PriceList, type Rates } from '../accounting/index.js';
import { ratesViewOf, type PriceView } from './views/price-view.js';

/** Those that most calls are of come first. */
const TIERS = ['default', 'flex', 'priority', 'batch'];

/** By model; what the operator set goes before the list. Unique. */
export function priceKey({ model, own, tier, longContext }: PriceView): string {
  const rank = TIERS.indexOf(tier);
  return [model, Number(own === null), rank === -1 ? TIERS.length : rank, tier, Number(longContext)].join('\0');
}

/** All prices that hold: what the operator set, and the list. */
export function listedPrices(list: PriceList): PriceView[] {
  const own = list.overrides.flatMap(({ id, model, tier, band, rates }): PriceView[] => {
    if (!rates) return [];
    const known = list.models.get(model);
    const isSplit = band === 'longContext' || known?.tiers.get(tier)?.longContext !== undefined;
    const above = isSplit ? (known?.longContextAbove ?? list.longContextAbove) : null;
    return [viewOf({ model, tier, band, above, rates, own: id })];
  });
  const published = [...list.models].flatMap(([model, { tiers, longContextAbove }]) =>
    [...tiers].flatMap(([tier, bands]) =>
      PRICE_BANDS.flatMap((band): PriceView[] => {
        const rates = bands[band];
        if (rates === undefined) return [];
        const above = bands.longContext === undefined ? null : longContextAbove;
        return [viewOf({ model, tier, band, above, rates, own: null })];
      }),
    ),
  );
  return [...own, ...published];
}

interface Listed extends Pick<PriceView, 'model' | 'tier' | 'above' | 'own'> {
  readonly band: PriceBand;
  readonly rates: Rates | null;
}

const viewOf = ({ band, rates, model, tier, above, own }: Listed): PriceView => ({
  model,
  tier,
  longContext: band === 'longContext',
  above,
  rates: rates && ratesViewOf(rates),
  own,
});
