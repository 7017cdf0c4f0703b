import type { Command } from 'commander';
import { DAY_MS } from '../../accounting/index.js';
import { replayView } from '../../control/index.js';
import type { OperationsClient } from '../client/operations-client.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { ReplaySums } from './replay-sums.js';
import { table } from './table.js';
import { utcDay } from './utc-time.js';

interface Options {
  readonly from: number;
  readonly to: number;
  readonly pool?: string;
  readonly dryRun?: true;
}

export function pricesReplayCommand(prices: Command, context: CommandContext): void {
  prices
    .command('replay')
    .description('compute the cost of past calls with the prices that hold now; days are UTC')
    .requiredOption('--from <day>', 'first day', utcDay)
    .requiredOption('--to <day>', 'first day after it', utcDay)
    .option('--pool <slug>', 'of one Pool only')
    .option('--dry-run', 'say what would change, and change nothing')
    .action((options: Options) => replayPrices(context, options));
}

async function replayPrices(context: CommandContext, { from, to, pool, dryRun }: Options): Promise<void> {
  if (from >= to) throw new CommandFailed('--to is the first day that is not in it any more: later than --from.');
  const asked = { from: dayOf(from), to: dayOf(to), ...(pool === undefined ? {} : { pool }) };
  const name = dryRun ? 'prices.compare' : 'prices.replay';
  const sums = await withOperations(context, (operations) => replayed(operations, name, asked, context.note));
  const days = (to - from) / DAY_MS;
  context.out(table(sums.rows(), `No call of these ${days} days has usage that is known.`));
  const done = dryRun ? 'would cost something else; nothing was changed' : 'cost something else now';
  context.out(`${sums.changed} of ${sums.calls} calls ${done}. Price list ${sums.priceVersion}.`);
}

/** A few seconds of work at a time, until all is done. */
async function replayed(
  operations: OperationsClient,
  name: string,
  asked: object,
  note: (text: string) => void,
): Promise<ReplaySums> {
  const sums = new ReplaySums();
  let after: string | undefined;
  do {
    const part = await operations.ask(name, { ...asked, ...(after === undefined ? {} : { after }) }, replayView);
    sums.add(part);
    after = part.next;
    if (after !== undefined) note(`${sums.calls} calls looked at, ${sums.changed} differ`);
  } while (after !== undefined);
  return sums;
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
