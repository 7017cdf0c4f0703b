import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  cursorOf,
  positionOf,
  RequestLogService,
  type LoggedRequest,
  type RequestFilter,
  type RequestPosition,
} from '../../accounting/index.js';
import { withServices, type CommandContext } from './context.js';
import { exportRows, formatOption, type ExportFormat } from './export-format.js';
import { LedgerNames } from './ledger-names.js';
import { exportedRequest, REQUEST_COLUMNS, shownRequest } from './request-columns.js';
import { table } from './table.js';
import { utcTime } from './utc-time.js';
import { wholeNumber } from './whole-number.js';

const OUTCOMES = ['succeeded', 'failed', 'cancelled', 'rejected', 'in_flight'] as const;
const SHOWN = 50;
const MOST = 1_000_000;
const ROWS_PER_PAGE = 500;

interface Options {
  readonly pool?: string;
  readonly key?: string;
  readonly account?: string;
  readonly outcome?: (typeof OUTCOMES)[number];
  readonly error?: string;
  readonly model?: string;
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
  readonly after?: RequestPosition;
  readonly format: ExportFormat;
}

export function requestListCommand(request: Command, context: CommandContext): void {
  request
    .command('list')
    .description('calls, newest first')
    .option('--pool <slug>', 'of one Pool only')
    .option('--key <key>', 'of one key only: its label, prefix or id')
    .option('--account <label>', 'that this account was asked for: its label or id')
    .addOption(new Option('--outcome <outcome>', 'that ended so').choices(OUTCOMES))
    .option('--error <code>', 'that ended with this error')
    .option('--model <model>', 'that asked for this model')
    .option('--since <time>', 'that came then or later: a UTC day or an ISO 8601 time', utcTime)
    .option('--until <time>', 'that came before', utcTime)
    .option('--limit <n>', 'at most so many', wholeNumber(1, MOST), SHOWN)
    .option('--after <cursor>', 'go on where a list before this one ended', position)
    .addOption(formatOption())
    .action((options: Options) => listRequests(context, options));
}

async function listRequests(context: CommandContext, options: Options): Promise<void> {
  const { format, limit } = options;
  await withServices(context, async (services) => {
    const names = await LedgerNames.of(services);
    const pages = pagesOf(services.get(RequestLogService), filterOf(options, names), limit, options.after);
    if (format !== 'table') {
      await exportRows(format, REQUEST_COLUMNS, rowsOf(pages, names), context.out);
      return;
    }
    const shown: Shown[] = [];
    for await (const page of pages) shown.push(page);
    const rows = shown.flatMap(({ requests }) => requests.map((each) => shownRequest(each)));
    context.out(table(rows, 'No such call is known.'));
    const next = shown.at(-1)?.next;
    if (next) context.out(`More: --after ${cursorOf(next)}`);
  });
}

interface Shown {
  readonly requests: readonly LoggedRequest[];
  readonly next?: RequestPosition;
}

/** A few at a time, however many are asked for. */
async function* pagesOf(
  log: RequestLogService,
  filter: RequestFilter,
  limit: number,
  after: RequestPosition | undefined,
): AsyncGenerator<Shown> {
  let [left, from] = [limit, after];
  do {
    const page: Shown = await log.page(filter, Math.min(left, ROWS_PER_PAGE), from);
    left -= page.requests.length;
    from = page.next;
    yield page;
  } while (from !== undefined && left > 0);
}

function filterOf(options: Options, names: LedgerNames): RequestFilter {
  const { pool, key, account, outcome, error: errorCode, model, since: sinceMs, until: untilMs } = options;
  const poolId = pool === undefined ? undefined : names.poolNamed(pool);
  const keyId = key === undefined ? undefined : names.keyNamed(key, poolId);
  const accountId = account === undefined ? undefined : names.accountNamed(account);
  const filter = { poolId, keyId, accountId, outcome, errorCode, model, sinceMs, untilMs };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

async function* rowsOf(pages: AsyncIterable<Shown>, names: LedgerNames) {
  for await (const { requests } of pages) yield requests.map((request) => exportedRequest(request, names));
}

function position(text: string): RequestPosition {
  const found = positionOf(text);
  if (found) return found;
  throw new InvalidArgumentError('Not a cursor that a list ended with.');
}
