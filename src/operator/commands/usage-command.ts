import { InvalidArgumentError, type Command } from 'commander';
import { USAGE_DIMENSIONS, type UsageDimension } from '../../accounting/index.js';
import { usageReportView, type UsageRowView } from '../../control/index.js';
import { pages } from './all-pages.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { exportRows, formatOption, type ExportFormat } from './export-format.js';
import { table } from './table.js';
import { exportColumns, exportedUsage, mostUsedFirst, shownUsage } from './usage-columns.js';
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

const LIST = { view: usageReportView, perPage: 1_000 };

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
  const question = questionOf(options);
  await withOperations(context, async (operations) => {
    const answers = pages(operations, 'usage.report', question, LIST);
    if (format !== 'table') {
      const rows = exported(answers, (row) => exportedUsage(row, by));
      await exportRows(format, exportColumns(by), rows, context.out);
      return;
    }
    const rows: UsageRowView[] = [];
    let compared = '';
    for await (const { items, comparedDays, finishedDays } of answers) {
      rows.push(...items);
      compared = `Compared with the ledger: ${comparedDays} of ${finishedDays} finished days.`;
    }
    const shown = mostUsedFirst(rows).map((row) => shownUsage(row, by));
    context.out(table(shown, 'Nothing was used.'));
    if (rows.length > 0) context.out(compared);
  });
}

async function* exported<T>(
  answers: AsyncIterable<{ readonly items: readonly UsageRowView[] }>,
  cells: (row: UsageRowView) => T,
) {
  for await (const { items } of answers) yield items.map(cells);
}

function questionOf({ from, to, by, format: _, ...filter }: Options): object {
  if (from !== undefined && to !== undefined && from >= to) {
    throw new CommandFailed('--to is the first day that is not in it any more: later than --from.');
  }
  return {
    groupBy: by,
    ...(from === undefined ? {} : { from: dayOf(from) }),
    ...(to === undefined ? {} : { to: dayOf(to) }),
    ...filter,
  };
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function dimensions(text: string): readonly UsageDimension[] {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.filter((name) => !(USAGE_DIMENSIONS as readonly string[]).includes(name));
  if (wrong.length > 0) throw new InvalidArgumentError(`Rows are by ${USAGE_DIMENSIONS.join(', ')}.`);
  return [...new Set(names)] as UsageDimension[];
}
