import type { Command } from 'commander';
import {
  PRICE_BANDS,
  PriceService,
  RATE_NAMES,
  usdPerMillion,
  type PriceBand,
  type PriceList,
  type Rates,
} from '../../accounting/index.js';
import { matchesModel } from '../../core/index.js';
import { withServices, type CommandContext } from './context.js';
import { table } from './table.js';

interface ListedPrice {
  readonly model: string;
  readonly tier: string;
  readonly input_length: string;
  readonly rates: Rates | null;
  readonly from: string;
}

export function pricesListCommand(prices: Command, context: CommandContext): void {
  prices
    .command('list')
    .description('the prices that hold now, in USD per 1M tokens')
    .option('--model <pattern>', 'of some models only, such as gpt-5.5*')
    .option('--json', 'for machines')
    .action((options: { model?: string; json?: true }) => listPrices(context, options));
}

async function listPrices(
  context: CommandContext,
  { model, json }: { readonly model?: string; readonly json?: true },
): Promise<void> {
  const list = await withServices(context, (services) => services.get(PriceService).refresh());
  const rows = listed(list).filter((row) => model === undefined || matchesModel(model, row.model));
  if (json) {
    const plain = rows.map(({ rates, ...row }) => ({ ...row, ...(rates ? inUsd(rates) : { unknown: true }) }));
    context.out(JSON.stringify({ version: list.priceVersion, prices: plain }, undefined, 2));
    return;
  }
  context.out(
    table(
      rows.map(({ rates, from, ...row }) => ({ ...row, ...shown(rates), from })),
      'No such model has a price.',
    ),
  );
  context.out(`Price list ${list.priceVersion}, USD per 1M tokens.`);
}

/** What the operator set, then the list; each by model. */
function listed(list: PriceList): ListedPrice[] {
  const own = list.overrides.flatMap(({ id, model, tier, band, rates }): ListedPrice[] => {
    if (!rates) return [];
    const listed = list.models.get(model);
    const above = listed?.longContextAbove ?? list.longContextAbove;
    const isSplit = band === 'longContext' || listed?.tiers.get(tier)?.longContext !== undefined;
    return [{ model, tier, input_length: lengthOf(band, isSplit, above), rates, from: `you (o${id})` }];
  });
  const published = [...list.models].flatMap(([model, { tiers, longContextAbove }]) =>
    [...tiers].flatMap(([tier, bands]) =>
      PRICE_BANDS.flatMap((band): ListedPrice[] => {
        const rates = bands[band];
        if (rates === undefined) return [];
        const isSplit = bands.longContext !== undefined;
        return [{ model, tier, input_length: lengthOf(band, isSplit, longContextAbove), rates, from: 'list' }];
      }),
    ),
  );
  return [...own, ...published].sort((one, other) => (one.model < other.model ? -1 : Number(one.model > other.model)));
}

const lengthOf = (band: PriceBand, isSplit: boolean, above: number): string =>
  isSplit ? `${band === 'default' ? 'up to' : 'above'} ${above}` : 'any';

const inUsd = (rates: Rates): Record<string, string> =>
  Object.fromEntries(
    RATE_NAMES.flatMap((name) => {
      const rate = rates[name];
      return rate === undefined ? [] : [[name, usdPerMillion(rate)]];
    }),
  );

function shown(rates: Rates | null): Record<string, string | undefined> {
  const { input, cachedInput, cacheWrite, output, reasoning } = rates ? inUsd(rates) : UNKNOWN;
  return { input, cached: cachedInput, written: cacheWrite, output, reasoning };
}

const UNKNOWN: Readonly<Record<string, string>> = { input: 'unknown', output: 'unknown' };
