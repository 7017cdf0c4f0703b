import { Option, type Command } from 'commander';
import type { z } from 'zod';
import { AUDIT_OUTCOMES, type AuditOutcome } from '../../audit/index.js';
import { auditEventView, pageOf, verifiedView, type AuditEventView } from '../../control/index.js';
import { listed } from '../client/listed.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { delimited } from './delimited.js';
import { table } from './table.js';
import { utcTime } from './utc-time.js';
import { wholeNumber } from './whole-number.js';

interface FilterOptions {
  readonly pool?: string;
  readonly outcome?: AuditOutcome;
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  readonly request?: string;
  readonly from?: number;
  readonly to?: number;
}

interface ListOptions extends FilterOptions {
  readonly limit: number;
  readonly after?: string;
  readonly json?: true;
}

interface ExportOptions extends FilterOptions {
  readonly format: 'ndjson' | 'csv';
}

export function auditCommands(program: Command, context: CommandContext): void {
  const audit = program.command('audit').description('what operators did');
  filtered(audit.command('list').description('events, the newest first'))
    .option('--limit <n>', 'how many at most', wholeNumber(1, 1_000), 50)
    .option('--after <cursor>', 'the `next` of the page before')
    .option('--json', 'for machines')
    .action((options: ListOptions) => list(context, options));
  audit
    .command('verify')
    .description('whether every event is there, and says what it said when it was written')
    .action(() => verify(context));
  filtered(audit.command('export').description('every event, the oldest first'))
    .addOption(new Option('--format <format>', 'one of').choices(['ndjson', 'csv']).default('ndjson'))
    .action((options: ExportOptions) => exported(context, options));
}

const filtered = (command: Command): Command =>
  command
    .option('--pool <slug>', 'of one Pool only')
    .addOption(new Option('--outcome <outcome>', 'what came of it').choices(AUDIT_OUTCOMES))
    .option('--actor <name>', 'who: label or id')
    .option('--action <action>', 'what was done, such as key.create; key for everything that was done to keys')
    .option('--target <name>', 'to what: label or id')
    .option('--request <id>', 'of one request')
    .option('--from <time>', 'UTC day or ISO 8601 time', utcTime)
    .option('--to <time>', 'up to and without it', utcTime);

const filterOf = ({ pool, outcome, actor, action, target, request, from, to }: FilterOptions): object =>
  Object.fromEntries(
    Object.entries({
      pool,
      outcome,
      actor,
      action,
      target,
      requestId: request,
      from: isoOf(from),
      to: isoOf(to),
    }).filter(([, value]) => value !== undefined),
  );

const isoOf = (ms: number | undefined): string | undefined => (ms === undefined ? ms : new Date(ms).toISOString());

async function list(context: CommandContext, { limit, after, json, ...options }: ListOptions): Promise<void> {
  const page = await withOperations(context, (operations) =>
    listed(operations, 'audit.list', filterOf(options), auditEventView, { limit, after }),
  );
  if (json) return context.out(JSON.stringify(page, undefined, 2));
  const rows = page.items.map((event) => ({
    time: event.occurredAt,
    actor: `${event.actor.kind} ${event.actor.label}`,
    action: event.action,
    target: event.target?.label ?? event.target?.id,
    outcome: event.outcome,
    seq: event.seq,
  }));
  context.out(table(rows, 'Nothing was done yet.'));
  if (page.next !== undefined) context.note(`There are more: --after ${page.next}`);
}

async function verify(context: CommandContext): Promise<void> {
  const found = await withOperations(context, (operations) => operations.ask('audit.verify', {}, verifiedView));
  if (!found.ok) {
    const which = found.id === undefined ? '' : ` (event ${found.id})`;
    throw new CommandFailed(`The chain is broken at ${found.seq}${which}: ${WORDS[found.why]}.`);
  }
  const { events, first, last, hash } = found;
  context.out(
    events === 0 ? 'There are no events.' : `${events} events, ${first} to ${last}: the chain holds. Its end: ${hash}`,
  );
}

const WORDS = {
  missing: 'an event is missing',
  inserted: 'an event does not belong there',
  changed: 'an event was changed',
} as const;

async function exported(context: CommandContext, { format, ...options }: ExportOptions): Promise<void> {
  const page = pageOf(auditEventView);
  await withOperations(context, async (operations) => {
    let after: { readonly after?: string } | undefined = {};
    while (after !== undefined) {
      const { items, next }: z.output<typeof page> = await operations.ask(
        'audit.export',
        { ...filterOf(options), ...after },
        page,
      );
      // RFC 4180 ends lines with CR LF; whoever prints adds the LF.
      if (format === 'csv' && after.after === undefined) context.out(`${delimited(CSV_COLUMNS)}\r`);
      for (const event of items) {
        context.out(format === 'csv' ? `${delimited(cellsOf(event))}\r` : JSON.stringify(event));
      }
      after = next === undefined ? undefined : { after: next };
    }
  });
}

const CSV_COLUMNS = [
  ...['seq', 'id', 'occurred_at', 'actor_kind', 'actor_id', 'actor_label', 'action', 'target_type', 'target_id'],
  ...['target_label', 'pool_id', 'outcome', 'begun_id', 'request_id', 'address', 'details', 'prev_hash', 'hash'],
];

const cellsOf = (event: AuditEventView) => [
  event.seq,
  event.id,
  event.occurredAt,
  event.actor.kind,
  event.actor.id,
  event.actor.label,
  event.action,
  event.target?.type,
  event.target?.id,
  event.target?.label,
  event.poolId,
  event.outcome,
  event.begunId,
  event.requestId,
  event.address,
  JSON.stringify(event.details),
  event.prevHash,
  event.hash,
];
