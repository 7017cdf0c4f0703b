import type { Command } from 'commander';
import type { z } from 'zod';
import { sessionListView, streamCountsView, streamListView } from '../../control/index.js';
import { pages } from './all-pages.js';
import { withOperations, type CommandContext } from './context.js';
import { momentWords, spanWords } from './relative-time.js';
import { table } from './table.js';
import { wholeNumber } from './whole-number.js';

interface Options {
  readonly pool?: string;
  readonly key?: string;
  readonly account?: string;
  readonly limit: number;
  readonly json?: true;
}

const SHOWN = 50;
const MOST = 10_000;
const DAY_MINUTES = 1_440;
const PER_PAGE = 200;

const filtered = (command: Command): Command =>
  command
    .option('--pool <slug>', 'of one Pool only')
    .option('--key <key>', 'of one key only: its label, prefix or id')
    .option('--account <label>', 'of one account only: its label or id')
    .option('--limit <n>', 'at most so many', wholeNumber(1, MOST), SHOWN)
    .option('--json', 'for machines');

/** What is going on now. */
export function streamCommands(program: Command, context: CommandContext): void {
  const stream = program.command('stream').description('calls that are being served now, over all replicas');
  filtered(stream.command('list').description('calls that are not over, newest first')).action((options: Options) =>
    listStreams(context, options),
  );
  stream
    .command('count')
    .description('how many calls are open: by Pool, by key and by account')
    .option('--json', 'for machines')
    .action((options: Pick<Options, 'json'>) => countStreams(context, options.json === true));
  const session = program.command('session').description('sessions of clients, and the accounts that they are with');
  filtered(session.command('list').description('sessions with calls lately, that with the newest first'))
    .option('--minutes <n>', 'with calls in so many last minutes', wholeNumber(1, DAY_MINUTES), 60)
    .action((options: Options & { readonly minutes: number }) => listSessions(context, options));
}

async function listStreams(context: CommandContext, { json, limit, ...filter }: Options): Promise<void> {
  const streams: z.output<typeof streamListView>['items'] = [];
  let nowMs = 0;
  await withOperations(context, async (operations) => {
    const list = { view: streamListView, perPage: PER_PAGE, most: limit };
    for await (const { items, at } of pages(operations, 'streams.list', filter, list)) {
      streams.push(...items);
      nowMs = Date.parse(at);
    }
  });
  if (json) return context.out(JSON.stringify(streams, undefined, 2));
  const rows = streams.map((each) => ({
    open_for: spanWords(nowMs - Date.parse(each.receivedAt)),
    pool: each.pool,
    key: each.keyLabel,
    account: each.account,
    model: each.model === '' ? undefined : each.model,
    transport: each.transport,
    attempts: each.attempts,
    host: each.host,
    id: each.id,
  }));
  context.out(table(rows, 'No call is open.'));
}

async function countStreams(context: CommandContext, asJson: boolean): Promise<void> {
  const counts = await withOperations(context, (operations) => operations.ask('streams.counts', {}, streamCountsView));
  if (asJson) return context.out(JSON.stringify(counts, undefined, 2));
  const of = (what: string, counted: typeof counts.keys) =>
    counted.map(({ name, id, open }) => ({ of: what, name: name ?? id, open }));
  const rows = [...of('pool', counts.pools), ...of('key', counts.keys), ...of('account', counts.accounts)];
  context.out(table(rows, 'No call is open.'));
  if (rows.length > 0) context.out(`Open calls: ${counts.open}.`);
}

async function listSessions(
  context: CommandContext,
  { json, limit, ...asked }: Options & { readonly minutes: number },
): Promise<void> {
  const sessions: z.output<typeof sessionListView>['items'] = [];
  let seen = { nowMs: 0, reach: 'cluster' };
  await withOperations(context, async (operations) => {
    const list = { view: sessionListView, perPage: PER_PAGE, most: limit };
    for await (const { items, at, reach } of pages(operations, 'sessions.list', asked, list)) {
      sessions.push(...items);
      seen = { nowMs: Date.parse(at), reach };
    }
  });
  if (json) return context.out(JSON.stringify(sessions, undefined, 2));
  const rows = sessions.map((each) => ({
    session: each.id,
    pool: each.pool,
    key: each.keyLabel,
    with: each.home,
    last_account: each.account,
    model: each.model === '' ? undefined : each.model,
    calls: each.calls,
    open: each.openCalls,
    last_call: momentWords(Date.parse(each.lastCallAt), seen.nowMs),
  }));
  context.out(table(rows, 'No session had a call in that time.'));
  if (rows.length > 0 && seen.reach === 'process') {
    context.out('Seen from this process: with which account sessions of others are is not in it.');
  }
}
