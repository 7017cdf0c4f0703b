import { Option, type Command } from 'commander';
import { pageOf, REQUEST_STATUSES, requestView, type RequestView } from '../../control/index.js';
import { pages } from './all-pages.js';
import { withOperations, type CommandContext } from './context.js';
import { exportRows, formatOption, type ExportFormat } from './export-format.js';
import { exportedRequest, REQUEST_COLUMNS, shownRequest } from './request-columns.js';
import { table } from './table.js';
import { utcTime } from './utc-time.js';
import { wholeNumber } from './whole-number.js';

const SHOWN = 50;
const MOST = 1_000_000;
const LIST = { view: pageOf(requestView), perPage: 500 };

interface Options {
  readonly pool?: string;
  readonly key?: string;
  readonly account?: string;
  readonly outcome?: (typeof REQUEST_STATUSES)[number];
  readonly error?: string;
  readonly model?: string;
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
  readonly after?: string;
  readonly format: ExportFormat;
}

export function requestListCommand(request: Command, context: CommandContext): void {
  request
    .command('list')
    .description('calls, newest first')
    .option('--pool <slug>', 'of one Pool only')
    .option('--key <key>', 'of one key only: its label, prefix or id')
    .option('--account <label>', 'that this account was asked for: its label or id')
    .addOption(new Option('--outcome <outcome>', 'that ended so').choices(REQUEST_STATUSES))
    .option('--error <code>', 'that ended with this error')
    .option('--model <model>', 'that asked for this model')
    .option('--since <time>', 'that came then or later: a UTC day or an ISO 8601 time', utcTime)
    .option('--until <time>', 'that came before', utcTime)
    .option('--limit <n>', 'at most so many', wholeNumber(1, MOST), SHOWN)
    .option('--after <cursor>', 'go on where a list before this one ended')
    .addOption(formatOption())
    .action((options: Options) => listRequests(context, options));
}

async function listRequests(context: CommandContext, options: Options): Promise<void> {
  const { format, limit } = options;
  await withOperations(context, async (operations) => {
    const answers = pages(operations, 'requests.list', questionOf(options), { ...LIST, most: limit });
    if (format !== 'table') {
      await exportRows(format, REQUEST_COLUMNS, rowsOf(answers), context.out);
      return;
    }
    const rows: RequestView[] = [];
    let next: string | undefined;
    for await (const page of answers) {
      rows.push(...page.items);
      next = page.next;
    }
    context.out(table(rows.map(shownRequest), 'No such call is known.'));
    if (next !== undefined) context.out(`More: --after ${next}`);
  });
}

function questionOf({ outcome, error, since, until, format: _, limit: __, ...filter }: Options): object {
  return {
    ...filter,
    ...(outcome === undefined ? {} : { status: outcome }),
    ...(error === undefined ? {} : { errorCode: error }),
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
  };
}

async function* rowsOf(answers: AsyncIterable<{ readonly items: readonly RequestView[] }>) {
  for await (const { items } of answers) yield items.map(exportedRequest);
}
