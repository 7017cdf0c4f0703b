import type { Command } from 'commander';
import { healthView, pageOf, settingView, type HealthView } from '../../control/index.js';
import { all } from './all-pages.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { spanWords } from './relative-time.js';
import { table } from './table.js';

const SETTINGS = { view: pageOf(settingView), perPage: 200 };

/** The installation itself: what it goes by, and whether it is well. */
export function instanceCommands(program: Command, context: CommandContext): void {
  program
    .command('settings')
    .description('what the gateway goes by')
    .command('show')
    .description('its variables, without secrets; of a command on this machine those of the command')
    .option('--json', 'for machines')
    .action((options: { json?: true }) => showSettings(context, options.json === true));
  program
    .command('health')
    .description('whether database, shared state, queues, gateways and workers are there')
    .option('--json', 'for machines')
    .action((options: { json?: true }) => showHealth(context, options.json === true));
}

async function showSettings(context: CommandContext, asJson: boolean): Promise<void> {
  const settings = await withOperations(context, (operations) => all(operations, 'settings.list', {}, SETTINGS));
  if (asJson) return context.out(JSON.stringify(settings, undefined, 2));
  context.out(
    table(
      settings.map(({ name, value, source }) => ({ name, value: value === '' ? null : value, source })),
      '',
    ),
  );
}

async function showHealth(context: CommandContext, asJson: boolean): Promise<void> {
  const health = await withOperations(context, (operations) => operations.ask('health.get', {}, healthView));
  context.out(asJson ? JSON.stringify(health, undefined, 2) : described(health));
  if (health.problems.length > 0) throw new CommandFailed(health.problems.join(' '));
}

function described(health: HealthView): string {
  const { schema, database, sharedState, queues, worker, processes } = health;
  const took = ({ answers, tookMs }: HealthView['database']): string =>
    answers ? `answers in ${tookMs ?? 0} ms` : 'does not answer';
  return table(
    [
      { part: 'database', state: took(database) },
      { part: 'schema', state: schema.current ? `has all that ${schema.version} needs` : 'is behind this version' },
      { part: 'shared state', state: `${took(sharedState)}, of this ${sharedState.reach}` },
      ...queues.map(({ queue, depth }) => ({
        part: `queue ${queue}`,
        state: depth ? `${depth.waiting} wait, ${depth.active} run, ${depth.failed} failed` : 'does not answer',
      })),
      {
        part: 'worker',
        state: worker.silentMs === null ? 'never seen' : `did something ${spanWords(worker.silentMs)} ago`,
      },
      ...processes.map(({ host, silentMs, openCalls }) => ({
        part: `gateway on ${host}`,
        state: `heard of ${spanWords(silentMs)} ago, ${openCalls} calls open`,
      })),
    ],
    '',
  );
}
