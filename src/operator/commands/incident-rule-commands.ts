import { InvalidArgumentError, Option, type Command } from 'commander';
import { KeyAdminService, PoolService } from '../../auth/index.js';
import { ROUTE_CLASSES } from '../../core/index.js';
import {
  AUTH_STATES,
  IncidentRules,
  POOL_STATES,
  QUOTA_WINDOWS,
  RULE_KINDS,
  SEVERITIES,
} from '../../incidents/index.js';
import { accountOf } from './account-of.js';
import { CommandFailed, withServices, type CommandContext, type Services } from './context.js';
import { poolOf } from './pool-of.js';
import { table } from './table.js';
import { wholeNumber } from './whole-number.js';

interface AddOptions {
  readonly kind: string;
  readonly severity: string;
  readonly cooldown: number;
  readonly pool?: string;
  readonly account?: string;
  readonly key?: string;
  readonly model?: string;
  readonly routeClass?: string;
  readonly state?: string;
  readonly window?: string;
  readonly percent?: number;
  readonly minUsable?: number;
  readonly minCalls?: number;
  readonly minutes?: number;
  readonly job?: string;
}

export function incidentRuleCommands(incident: Command, context: CommandContext): void {
  const rule = incident.command('rule').description('what is looked for, once a minute');
  rule
    .command('list')
    .description('all rules, those that came with the installation too')
    .option('--json', 'for machines')
    .action(({ json }: { json?: true }) => listRules(context, json === true));
  addOptions(rule.command('add').description('look for something more'))
    .argument('<name>', 'lower-case letters, digits and dashes')
    .action((name: string, options: AddOptions) => addRule(context, name, options));
  rule
    .command('remove')
    .description('look for it no more; what it found is resolved')
    .argument('<name>')
    .action((name: string) => removeRule(context, name));
}

const addOptions = (command: Command): Command =>
  command
    .addOption(new Option('--kind <kind>', 'what kind of rule').choices(RULE_KINDS).makeOptionMandatory())
    .addOption(new Option('--severity <severity>', 'how bad it is').choices(SEVERITIES).default('warning'))
    .option('--cooldown <minutes>', 'between two deliveries of the same', wholeNumber(0, 10_080), 15)
    .option('--pool <slug>', 'of one Pool only')
    .option('--account <label>', 'of one account only')
    .option('--key <key>', 'of one key only: its prefix or its id')
    .option('--model <model>', 'for calls of a model')
    .addOption(new Option('--route-class <class>', 'for one kind of calls').choices(ROUTE_CLASSES))
    .addOption(new Option('--state <state>', 'which state').choices([...new Set([...POOL_STATES, ...AUTH_STATES])]))
    .addOption(new Option('--window <window>', 'which usage windows').choices(QUOTA_WINDOWS))
    .option('--percent <n>', 'from how much on', percent)
    .option('--min-usable <n>', 'fewer accounts than this', wholeNumber(1, 10_000))
    .option('--min-calls <n>', 'not before so many calls', wholeNumber(1, 1_000_000))
    .option('--minutes <n>', 'how far back, or how long before', wholeNumber(1, 43_200))
    .option('--job <name>', 'one job only, as `jobs list` names it');

async function listRules(context: CommandContext, asJson: boolean): Promise<void> {
  const rules = await withServices(context, (services) => services.get(IncidentRules).list());
  if (asJson) return context.out(JSON.stringify({ rules }, undefined, 2));
  const rows = rules.map(({ name, kind, severity, params, cooldownSeconds, builtIn }) => ({
    name,
    kind,
    severity,
    params: JSON.stringify(params).replace(/[{}"]/g, '').replaceAll(',', ' ') || undefined,
    cooldown: `${Math.round(cooldownSeconds / 60)} min`,
    from: builtIn ? 'installation' : 'you',
  }));
  context.out(table(rows, 'Nothing is looked for.'));
}

async function addRule(context: CommandContext, name: string, options: AddOptions): Promise<void> {
  const { kind, severity, cooldown, pool, account, key, ...said } = options;
  await withServices(context, async (services) => {
    const params = {
      ...said,
      ...(pool !== undefined && { poolId: (await poolOf(services.get(PoolService), pool)).id }),
      ...(account !== undefined && { accountId: (await accountOf(services, account)).id }),
      ...(key !== undefined && { keyId: await keyIdOf(services, key) }),
    };
    await services.get(IncidentRules).add({ name, kind, severity, params, cooldownSeconds: cooldown * 60 });
    context.out(`Rule ${name} is looked at within a minute.`);
  });
}

async function keyIdOf(services: Services, name: string): Promise<string> {
  const key = await services.get(KeyAdminService).keyNamed(name);
  if (!key) throw new CommandFailed('There is no key of that prefix or id.');
  return key.id;
}

async function removeRule(context: CommandContext, name: string): Promise<void> {
  const removed = await withServices(context, (services) => services.get(IncidentRules).remove(name));
  if (!removed) throw new CommandFailed(`There is no rule "${name}".`);
  context.out(`Rule ${name} is gone; what it found is resolved within a minute.`);
}

function percent(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value >= 1 && value <= 100)) throw new InvalidArgumentError('Not a percentage from 1 to 100.');
  return value;
}
