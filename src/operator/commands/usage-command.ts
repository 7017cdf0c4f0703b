import { InvalidArgumentError, type Command } from 'commander';
import {
  DAY_MS,
  RollupVerification,
  USAGE_DIMENSIONS,
  UsageReports,
  type UsageDimension,
  type UsageFilter,
  type UsageQuestion,
  type UsageRow,
} from '../../accounting/index.js';
import { CommandFailed, withServices, type CommandContext, type Services } from './context.js';
import { exportRows, formatOption, type ExportFormat } from './export-format.js';
import { LedgerNames } from './ledger-names.js';
import { table } from './table.js';
import { exportColumns, exportedUsage, shownUsage } from './usage-columns.js';
import { utcDay } from './utc-time.js';

interface Options {
  readonly from?: number;
  readonly to?: number;
  readonly by: readonly UsageDimension[];
  readonly pool?: string;
  readonly key?: string;
  readonly account?: string;
  readonly model?: string;
  readonly format: ExportFormat;
}

const DAYS_SHOWN = 7;

export function usageCommand(program: Command, context: CommandContext): void {
  program
    .command('usage')
    .description('what was used, and what it comes to at list prices; days are UTC')
    .option('--from <day>', 'first day (default: six days ago)', utcDay)
    .option('--to <day>', 'first day after it (default: tomorrow)', utcDay)
    .option('--by <what>', `rows by any of ${USAGE_DIMENSIONS.join(', ')}, with commas between`, dimensions, ['key'])
    .option('--pool <slug>', 'of one Pool only')
    .option('--key <key>', 'of one key only: its label, prefix or id')
    .option('--account <label>', 'of one account only: its label or id')
    .option('--model <model>', 'of one model only')
    .addOption(formatOption())
    .action((options: Options) => showUsage(context, options));
}

async function showUsage(context: CommandContext, options: Options): Promise<void> {
  const { by, format } = options;
  await withServices(context, async (services) => {
    const names = await LedgerNames.of(services);
    const reports = services.get(UsageReports);
    const question = { ...periodOf(options, reports), groupBy: by, filter: filterOf(options, names) };
    if (format === 'table') {
      const rows = (await reports.report(question)).map((row) => shownUsage(row, by, names));
      context.out(table(rows, 'Nothing was used.'));
      if (rows.length > 0) context.out(await comparedWords(services, question));
      return;
    }
    const rows = exported(reports.stream(question), (row) => exportedUsage(row, by, names));
    await exportRows(format, exportColumns(by), rows, context.out);
  });
}

async function* exported<T>(batches: AsyncIterable<readonly UsageRow[]>, cells: (row: UsageRow) => T) {
  for await (const rows of batches) yield rows.map(cells);
}

function periodOf({ from, to }: Options, reports: UsageReports): Pick<UsageQuestion, 'fromMs' | 'toMs'> {
  const toMs = to ?? reports.lastDays(DAYS_SHOWN).toMs;
  const fromMs = from ?? toMs - DAYS_SHOWN * DAY_MS;
  if (fromMs >= toMs) throw new CommandFailed('--to is the first day that is not in it any more: later than --from.');
  return { fromMs, toMs };
}

function filterOf({ pool, key, account, model }: Options, names: LedgerNames): UsageFilter {
  const poolId = pool === undefined ? undefined : names.poolNamed(pool);
  return {
    ...(poolId === undefined ? {} : { poolId }),
    ...(key === undefined ? {} : { keyId: names.keyNamed(key, poolId) }),
    ...(account === undefined ? {} : { accountId: names.accountNamed(account) }),
    ...(model === undefined ? {} : { model }),
  };
}

/** How much of it was compared with the ledger since it ended. */
async function comparedWords(services: Services, question: UsageQuestion): Promise<string> {
  const { compared, finished } = await services.get(RollupVerification).coverage(question);
  return `Compared with the ledger: ${compared} of ${finished} finished days.`;
}

function dimensions(text: string): readonly UsageDimension[] {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.filter((name) => !(USAGE_DIMENSIONS as readonly string[]).includes(name));
  if (wrong.length > 0) throw new InvalidArgumentError(`Rows are by ${USAGE_DIMENSIONS.join(', ')}.`);
  return [...new Set(names)] as UsageDimension[];
}
