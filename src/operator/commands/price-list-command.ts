import type { Command } from 'commander';
import { pricesView, type PriceView } from '../../control/index.js';
import { pages } from './all-pages.js';
import { withOperations, type CommandContext } from './context.js';
import { table } from './table.js';

const LIST = { view: pricesView, perPage: 1_000 };

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
  const prices: PriceView[] = [];
  let version = '';
  await withOperations(context, async (operations) => {
    const asked = model === undefined ? {} : { model };
    for await (const page of pages(operations, 'prices.list', asked, LIST)) {
      prices.push(...page.items);
      version = page.priceVersion;
    }
  });
  if (json) {
    const plain = prices.map((price) => ({ ...placeOf(price), ...(price.rates ?? { unknown: true }) }));
    context.out(JSON.stringify({ version, prices: plain }, undefined, 2));
    return;
  }
  const rows = prices.map((price) => {
    const { from, ...place } = placeOf(price);
    return { ...place, ...shown(price.rates), from };
  });
  context.out(table(rows, 'No such model has a price.'));
  context.out(`Price list ${version}, USD per 1M tokens.`);
}

const placeOf = (price: PriceView) => ({
  model: price.model,
  tier: price.tier,
  input_length: lengthOf(price),
  from: price.own === null ? 'list' : `you (o${price.own})`,
});

const lengthOf = ({ longContext, above }: PriceView): string =>
  above === null ? 'any' : `${longContext ? 'above' : 'up to'} ${above}`;

function shown(rates: PriceView['rates']): Record<string, string | undefined> {
  const { input, cachedInput, cacheWrite, output, reasoning } = rates ?? UNKNOWN;
  return { input, cached: cachedInput, written: cacheWrite, output, reasoning };
}

const UNKNOWN: NonNullable<PriceView['rates']> = { input: 'unknown', output: 'unknown' };
