import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import {
  picoPerToken,
  PriceDownload,
  PriceImportService,
  PriceRepository,
  PriceService,
  sourceOf,
  tierName,
  withinSize,
  type PriceBand,
  type Rates,
} from '../../accounting/index.js';
import { audited } from './audited.js';
import { CommandFailed, type CommandContext } from './context.js';
import { pricesListCommand } from './price-list-command.js';
import { pricesReplayCommand } from './price-replay-command.js';

interface PlaceOptions {
  readonly tier: string;
  readonly longContext?: true;
}

interface SetOptions extends PlaceOptions {
  readonly input: number;
  readonly cachedInput?: number;
  readonly cacheWrite?: number;
  readonly output: number;
  readonly reasoning?: number;
}

const MODEL = /^[a-z0-9*][a-z0-9*._:/-]{0,99}$/;
const TIER = /^[a-z][a-z0-9_-]{0,31}$/;

export function priceCommands(program: Command, context: CommandContext): void {
  const prices = program
    .command('prices')
    .description('what models cost: list prices, a value for reports and budgets, no bill');
  pricesListCommand(prices, context);
  placed(prices.command('set').description('a price of your own, in USD per 1M tokens, in place of the list’s'))
    .requiredOption('--input <usd>', 'input that was not cached', usd)
    .option('--cached-input <usd>', 'input read from the prompt cache', usd)
    .option('--cache-write <usd>', 'input written to the prompt cache', usd)
    .requiredOption('--output <usd>', 'output', usd)
    .option('--reasoning <usd>', 'reasoning, if it does not cost what other output does', usd)
    .action((model: string, options: SetOptions) => setPrice(context, model, options));
  placed(prices.command('unset').description('take the list’s price again')).action(
    (model: string, options: PlaceOptions) => unsetPrice(context, model, options),
  );
  prices
    .command('import')
    .description('take in a newer price list')
    .argument('<source>', 'path of a file, or a public https:// URL')
    .option('--force', 'believe it although prices leap or models are missing')
    .action((source: string, { force }: { force?: true }) => importPrices(context, source, force === true));
  pricesReplayCommand(prices, context);
}

const placed = (command: Command): Command =>
  command
    .argument('<model>', 'a model, or a pattern such as gpt-5.5*')
    .option('--tier <tier>', 'service tier', tier, 'default')
    .option('--long-context', 'of calls whose input is longer than the list’s threshold');

async function setPrice(context: CommandContext, name: string, options: SetOptions): Promise<void> {
  const { cachedInput, cacheWrite, reasoning } = options;
  const rates: Rates = {
    input: options.input,
    ...(cachedInput !== undefined && { cachedInput }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    output: options.output,
    ...(reasoning !== undefined && { reasoning }),
  };
  const version = await override(context, name, options, rates);
  context.out(`${named(name)} costs that from now on; the price list is ${version}.`);
}

async function unsetPrice(context: CommandContext, name: string, options: PlaceOptions): Promise<void> {
  const version = await override(context, name, options);
  context.out(`${named(name)} costs what the list says from now on; the price list is ${version}.`);
}

async function override(
  context: CommandContext,
  name: string,
  { tier, longContext }: PlaceOptions,
  rates?: Rates,
): Promise<string> {
  const model = named(name);
  const band: PriceBand = longContext === true ? 'longContext' : 'default';
  const asked = { tier, band, ...(rates && { rates }) };
  const action = { action: rates ? 'price.set' : 'price.unset', target: { type: 'model', id: model }, asked };
  return audited(context, action, async (services, trail) => {
    const { overrides } = await services.get(PriceService).refresh();
    const isSet = overrides.some((one) => one.rates && one.model === model && one.tier === tier && one.band === band);
    if (!rates && !isSet) throw new CommandFailed(`No price of your own is set for ${model} there.`);
    const before = overrides.filter((one) => one.model === model && one.tier === tier && one.band === band);
    trail.before(before);
    const source = 'command line';
    await services.get(PriceRepository).addOverride({ model, tier, band, ...(rates && { rates }), source });
    return (await services.get(PriceService).changed()).priceVersion;
  });
}

async function importPrices(context: CommandContext, source: string, force: boolean): Promise<void> {
  const isUrl = /^https?:/i.test(source);
  const target = { type: 'price_list', id: isUrl ? sourceOf(source) : basename(source) };
  const told = await audited(context, { action: 'price.import', target, asked: { force } }, async (services, trail) => {
    const text = isUrl ? await services.get(PriceDownload).text(source) : await fileText(source);
    const imported = await services.get(PriceImportService).import(text, target.id, { force });
    trail.after(imported);
    return imported;
  });
  const { version, models, added, changed, removed } = told;
  context.out(
    told.imported
      ? `Prices of ${version} imported: ${models} models; ${added} new, ${changed} changed, ${removed} gone.`
      : `Prices of ${version} are known already.`,
  );
}

async function fileText(path: string): Promise<string> {
  const bytes = await readFile(path).catch(() => {
    throw new CommandFailed('The file cannot be read.');
  });
  return withinSize(bytes);
}

function named(name: string): string {
  const model = name.trim().toLowerCase();
  if (!MODEL.test(model)) throw new CommandFailed('That is no name of a model.');
  return model;
}

function tier(text: string): string {
  const name = tierName(text);
  if (!TIER.test(name)) throw new InvalidArgumentError('Not a tier, such as default, flex or priority.');
  return name;
}

function usd(text: string): number {
  const pico = picoPerToken(text);
  if (pico === undefined)
    throw new InvalidArgumentError('Not USD per 1M tokens, such as 1.25, with six decimals at most.');
  return pico;
}
