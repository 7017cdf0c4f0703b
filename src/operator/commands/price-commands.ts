import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { picoPerToken, tierName, withinSize } from '../../accounting/index.js';
import { ownPriceView, priceImportView } from '../../control/index.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { pricesListCommand } from './price-list-command.js';
import { pricesReplayCommand } from './price-replay-command.js';

interface PlaceOptions {
  readonly tier: string;
  readonly longContext?: true;
}

interface SetOptions extends PlaceOptions {
  readonly input: string;
  readonly cachedInput?: string;
  readonly cacheWrite?: string;
  readonly output: string;
  readonly reasoning?: string;
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
  const model = named(name);
  const { priceVersion } = await withOperations(context, (operations) =>
    operations.ask('prices.set', { model, ...options }, ownPriceView),
  );
  context.out(`${model} costs that from now on; the price list is ${priceVersion}.`);
}

async function unsetPrice(context: CommandContext, name: string, options: PlaceOptions): Promise<void> {
  const model = named(name);
  const { priceVersion } = await withOperations(context, (operations) =>
    operations.ask('prices.unset', { model, ...options }, ownPriceView),
  );
  context.out(`${model} costs what the list says from now on; the price list is ${priceVersion}.`);
}

async function importPrices(context: CommandContext, source: string, force: boolean): Promise<void> {
  const list = /^https?:/i.test(source) ? { url: source } : { list: await fileText(source), source: basename(source) };
  const told = await withOperations(context, (operations) =>
    operations.ask('prices.import', { ...list, force }, priceImportView),
  );
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

function usd(text: string): string {
  if (picoPerToken(text) === undefined)
    throw new InvalidArgumentError('Not USD per 1M tokens, such as 1.25, with six decimals at most.');
  return text;
}
