import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { Incidents, type Incident, type IncidentWithDeliveries } from '../../incidents/index.js';
import { CommandFailed, withServices, type CommandContext } from './context.js';
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
    .description('what is open or acknowledged, last seen first')
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
  const states = all ? (['open', 'acknowledged', 'resolved'] as const) : undefined;
  const { atMs, incidents } = await withServices(context, (services) =>
    services.get(Incidents).list({ limit, ...(states && { states }) }),
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
        since: momentWords(each.firstSeenAt.getTime(), atMs),
        seen: momentWords(each.lastSeenAt.getTime(), atMs),
        times: each.occurrenceCount,
      })),
      all ? 'There was no incident.' : 'No incident is open.',
    ),
  );
}

const targetWords = ({ targetKind, targetLabel }: Incident): string => `${targetKind} ${targetLabel}`;

async function showIncident(context: CommandContext, id: string, asJson: boolean): Promise<void> {
  const found = await withServices(context, (services) => services.get(Incidents).get(id));
  if (found === undefined) throw new CommandFailed('There is no incident of that id.');
  if (asJson) return context.out(JSON.stringify(found, undefined, 2));
  context.out(shownLines(found).join('\n'));
}

function shownLines({ incident, deliveries }: IncidentWithDeliveries): readonly string[] {
  const { state, severity, ruleName, ruleKind, reasonCode, occurrenceCount, evidence } = incident;
  const { firstSeenAt, lastSeenAt, acknowledgedAt, acknowledgedBy, resolvedAt } = incident;
  const lasted = spanWords((resolvedAt ?? lastSeenAt).getTime() - firstSeenAt.getTime());
  return [
    `${reasonCode} of ${targetWords(incident)}: ${state}, ${severity}`,
    `rule:         ${ruleName} (${ruleKind})`,
    `first seen:   ${firstSeenAt.toISOString()}`,
    `last seen:    ${lastSeenAt.toISOString()}, ${occurrenceCount} times in ${lasted}`,
    ...(acknowledgedAt ? [`acknowledged: ${acknowledgedAt.toISOString()} by ${acknowledgedBy ?? '-'}`] : []),
    ...(resolvedAt ? [`resolved:     ${resolvedAt.toISOString()}`] : []),
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

async function acknowledge(context: CommandContext, id: string): Promise<void> {
  const by = `local ${userInfo().username}`;
  const done = await withServices(context, (services) => services.get(Incidents).acknowledge(id, by));
  if (done === undefined) throw new CommandFailed('There is no incident of that id.');
  const { incident, changed } = done;
  const state = incident.state === 'resolved' ? 'is resolved already' : 'was acknowledged already';
  context.out(`${incident.reasonCode} of ${targetWords(incident)} ${changed ? 'is acknowledged' : state}.`);
}
