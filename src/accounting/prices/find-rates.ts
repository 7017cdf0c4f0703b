import { matchesModel, normalModel } from '../../core/index.js';
import type { PriceBand, PriceList, PriceOverride, Rates } from './price-list.js';

/** What a snapshot's name has behind that of its model: a day. */
const SNAPSHOT = /-\d{4}-?\d{2}-?\d{2}$/;

/** What some say, and answers that name no tier of their own. */
const TIERS: ReadonlyMap<string, string> = new Map([
  ['', 'default'],
  ['auto', 'default'],
  ['standard', 'default'],
  ['fast', 'priority'],
]);

export function tierName(tier: string | undefined): string {
  const name = (tier ?? '').trim().toLowerCase();
  return TIERS.get(name) ?? name;
}

/**
 * The rates of a call. What the operator set goes before the list. A name that is not there may be that of a snapshot,
 * `gpt-5.5-2026-04-23` of `gpt-5.5`; nothing else is taken for another model. A tier that is not there has no price;
 * long input that has none of its own costs what other input does.
 *
 * @param inputTokens all of them, cached or not
 */
export function findRates(
  list: PriceList,
  model: string,
  serviceTier: string | undefined,
  inputTokens: number,
): Rates | undefined {
  const asked = normalModel(model);
  const names = SNAPSHOT.test(asked) ? [asked, asked.replace(SNAPSHOT, '')] : [asked];
  const tier = tierName(serviceTier);
  const listed = names.map((name) => list.models.get(name)).find((entry) => entry !== undefined);
  const long = inputTokens > (listed?.longContextAbove ?? list.longContextAbove);
  for (const band of long ? (['longContext', 'default'] as const) : (['default'] as const)) {
    const rates = overridden(list, names, tier, band) ?? listed?.tiers.get(tier)?.[band];
    if (rates === null) return undefined;
    if (rates) return rates;
  }
  return undefined;
}

function overridden(list: PriceList, names: readonly string[], tier: string, band: PriceBand): Rates | undefined {
  const meant = list.overrides.filter((one) => one.rates && one.tier === tier && one.band === band);
  for (const name of names) {
    const [first] = meant.filter(({ model }) => matchesModel(model, name)).sort(closestFirst);
    if (first) return first.rates;
  }
  return undefined;
}

/** A name before a pattern, a longer pattern before a shorter one, and of equals the newest. */
const closestFirst = (one: PriceOverride, other: PriceOverride): number =>
  Number(one.model.includes('*')) - Number(other.model.includes('*')) ||
  other.model.length - one.model.length ||
  other.id - one.id;
