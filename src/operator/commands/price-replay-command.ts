import type { Command } from 'commander';
import { CostReplayService, DAY_MS, type Replayed } from '../../accounting/index.js';
import { PoolService } from '../../auth/index.js';
import { usdOf } from '../../core/index.js';
import { audited } from './audited.js';
import { CommandFailed, withServices, type CommandContext, type Services } from './context.js';
import { poolOf } from './pool-of.js';
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
  const asked = { from: new Date(from), to: new Date(to), pool };
  const replayed = await recomputed(context, dryRun === true, asked, async (services) => {
    const poolId = pool === undefined ? undefined : (await poolOf(services.get(PoolService), pool)).id;
    const period = { fromMs: from, toMs: to, ...(poolId !== undefined && { poolId }) };
    const progress = ({ calls, changed }: Replayed): void =>
      context.note(`${calls} calls looked at, ${changed} differ`);
    return services.get(CostReplayService).replay(period, { dryRun: dryRun === true, progress });
  });
  const days = (to - from) / DAY_MS;
  context.out(table(rowsOf(replayed), `No call of these ${days} days has usage that is known.`));
  const done = dryRun ? 'would cost something else; nothing was changed' : 'cost something else now';
  context.out(`${replayed.changed} of ${replayed.calls} calls ${done}. Price list ${replayed.priceVersion}.`);
}

/** A dry run changes nothing. */
const recomputed = (
  context: CommandContext,
  isDry: boolean,
  asked: object,
  work: (services: Services) => Promise<Replayed>,
): Promise<Replayed> =>
  isDry
    ? withServices(context, work)
    : audited(context, { action: 'price.replay', target: { type: 'price_list' }, asked }, async (services, trail) => {
        const done = await work(services);
        const { calls, changed, priceVersion } = done;
        trail.after({ calls, changed, priceVersion });
        return done;
      });

const rowsOf = ({ models }: Replayed) =>
  [...models.values()]
    .sort((one, other) => (one.model < other.model ? -1 : 1))
    .map((sum) => ({
      model: sum.model === '' ? 'none' : sum.model,
      calls: sum.calls,
      differ: sum.changed,
      before_usd: sum.unpricedBefore === sum.calls ? 'unpriced' : usdOf(sum.beforeNanoUsd),
      now_usd: sum.unpricedAfter === sum.calls ? 'unpriced' : usdOf(sum.afterNanoUsd),
      difference_usd: usdOf(sum.afterNanoUsd - sum.beforeNanoUsd),
      unpriced_before: sum.unpricedBefore,
      unpriced_now: sum.unpricedAfter,
    }));
