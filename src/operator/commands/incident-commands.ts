import type { Command } from 'commander';
import { z } from 'zod';
import { incidentDetailView, incidentView, type IncidentDetailView, type IncidentView } from '../../control/index.js';
import { listed } from '../client/listed.js';
import { withOperations, type CommandContext } from './context.js';
import { incidentRuleCommands } from './incident-rule-commands.js';
import { momentWords, spanWords } from './relative-time.js';
import { table } from './table.js';
import { wholeNumber } from './whole-number.js';

interface ListOptions {
  readonly all?: true;
  readonly limit: number;
  readonly json?: true;
}

export function incidentCommands(program: Command, context: CommandContext): void {
  const incident = program.command('incident').description('what is wrong, as rules find it');
  incident
    .command('list')
    .description('what is open or acknowledged, the newest first')
    .option('--all', 'what is resolved, too')
    .option('--limit <n>', 'how many at most', wholeNumber(1, 500), 100)
    .option('--json', 'for machines')
    .action((options: ListOptions) => listIncidents(context, options));
  incident
    .command('show')
    .description('one incident, its evidence, and who was told')
    .argument('<id>')
    .option('--json', 'for machines')
    .action((id: string, { json }: { json?: true }) => showIncident(context, id, json === true));
  incident
    .command('ack')
    .description('say that somebody is on it')
    .argument('<id>')
    .action((id: string) => acknowledge(context, id));
  incidentRuleCommands(incident, context);
}

async function listIncidents(context: CommandContext, { all, limit, json }: ListOptions): Promise<void> {
  const asked = all ? { states: ['open', 'acknowledged', 'resolved'] } : {};
  const { items: incidents } = await withOperations(context, (operations) =>
    listed(operations, 'incidents.list', asked, incidentView, { limit }),
  );
  if (json) return context.out(JSON.stringify({ incidents }, undefined, 2));
  context.out(
    table(
      incidents.map((each) => ({
        id: each.id,
        state: each.state,
        severity: each.severity,
        rule: each.ruleName,
        reason: each.reasonCode,
        target: targetWords(each),
        since: momentWords(Date.parse(each.firstSeenAt), Date.parse(each.toldAt)),
        seen: momentWords(Date.parse(each.lastSeenAt), Date.parse(each.toldAt)),
        times: each.occurrenceCount,
      })),
      all ? 'There was no incident.' : 'No incident is open.',
    ),
  );
}

const targetWords = ({ targetKind, targetLabel }: IncidentView): string => `${targetKind} ${targetLabel}`;

async function showIncident(context: CommandContext, id: string, asJson: boolean): Promise<void> {
  const found = await withOperations(context, (operations) =>
    operations.ask('incidents.get', { incident: id }, incidentDetailView),
  );
  const { deliveries, ...incident } = found;
  context.out(asJson ? JSON.stringify({ incident, deliveries }, undefined, 2) : shownLines(found).join('\n'));
}

function shownLines({ deliveries = [], ...incident }: IncidentDetailView): readonly string[] {
  const { state, severity, ruleName, ruleKind, reasonCode, occurrenceCount, evidence } = incident;
  const { firstSeenAt, lastSeenAt, acknowledgedAt, acknowledgedBy, resolvedAt } = incident;
  const lasted = spanWords(Date.parse(resolvedAt ?? lastSeenAt) - Date.parse(firstSeenAt));
  return [
    `${reasonCode} of ${targetWords(incident)}: ${state}, ${severity}`,
    `rule:         ${ruleName} (${ruleKind})`,
    `first seen:   ${firstSeenAt}`,
    `last seen:    ${lastSeenAt}, ${occurrenceCount} times in ${lasted}`,
    ...(acknowledgedAt !== null ? [`acknowledged: ${acknowledgedAt} by ${acknowledgedBy ?? '-'}`] : []),
    ...(resolvedAt !== null ? [`resolved:     ${resolvedAt}`] : []),
    ...Object.entries(evidence).map(([name, value]) => `  ${name}: ${JSON.stringify(value).replaceAll('"', '')}`),
    '',
    table(
      deliveries.map(({ webhook, event, status, attempts, failureCode, completedAt, nextAttemptAt }) => ({
        webhook,
        event,
        status,
        attempts,
        failure: failureCode,
        at: completedAt ?? nextAttemptAt,
      })),
      'No webhook was told.',
    ),
  ];
}

const acknowledged = z.object({ changed: z.boolean(), incident: incidentDetailView });

async function acknowledge(context: CommandContext, id: string): Promise<void> {
  const { incident, changed } = await withOperations(context, (operations) =>
    operations.ask('incidents.acknowledge', { incident: id }, acknowledged),
  );
  const state = incident.state === 'resolved' ? 'is resolved already' : 'was acknowledged already';
  context.out(`${incident.reasonCode} of ${targetWords(incident)} ${changed ? 'is acknowledged' : state}.`);
}
