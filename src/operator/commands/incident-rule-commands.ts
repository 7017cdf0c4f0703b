import { InvalidArgumentError, Option, type Command } from 'commander';
import { z } from 'zod';
import { deletedView, incidentRuleView } from '../../control/index.js';
import { ROUTE_CLASSES } from '../../core/index.js';
import { AUTH_STATES, POOL_STATES, QUOTA_WINDOWS, RULE_KINDS, SEVERITIES } from '../../incidents/index.js';
import { everyItem } from '../client/every-item.js';
import type { OperationsClient } from '../client/operations-client.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { table } from './table.js';
import { dryOption, triedDry, type DryOption } from './tried-dry.js';
import { wholeNumber } from './whole-number.js';

interface ParamOptions {
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

interface RuleOptions extends ParamOptions {
  readonly severity?: string;
  /** Minutes. */
  readonly cooldown?: number;
}

interface AddOptions extends RuleOptions {
  readonly kind: string;
}

interface SetOptions extends RuleOptions {
  readonly on?: true;
  readonly off?: true;
}

const NAMED = z.object({ id: z.uuid() });

export function incidentRuleCommands(incident: Command, context: CommandContext): void {
  const rule = incident.command('rule').description('what is looked for, once a minute');
  rule
    .command('list')
    .description('all rules, those that came with the installation too')
    .option('--json', 'for machines')
    .action(({ json }: { json?: true }) => listRules(context, json === true));
  ruleOptions(rule.command('add').description('look for something more'))
    .addOption(new Option('--kind <kind>', 'what kind of rule').choices(RULE_KINDS).makeOptionMandatory())
    .argument('<name>', 'lower-case letters, digits and dashes')
    .action((name: string, options: AddOptions) => addRule(context, name, options));
  ruleOptions(rule.command('set').description('look for it in another way; what is not said stays as it is'))
    .addOption(new Option('--on', 'look for it').conflicts('off'))
    .option('--off', 'look for it no more until it is on again')
    .argument('<name>')
    .action((name: string, options: SetOptions) => setRule(context, name, options));
  dryOption(rule.command('remove').description('look for it no more; what it found is resolved'))
    .argument('<name>')
    .action((name: string, options: DryOption) => removeRule(context, name, options));
}

const ruleOptions = (command: Command): Command =>
  command
    .addOption(new Option('--severity <severity>', 'how bad it is; a new one is a warning').choices(SEVERITIES))
    .option('--cooldown <minutes>', 'between two deliveries of the same; of a new one 15', wholeNumber(0, 10_080))
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
  const rules = await withOperations(context, (operations) =>
    everyItem(operations, 'incidentRules.list', {}, incidentRuleView),
  );
  if (asJson) return context.out(JSON.stringify({ rules }, undefined, 2));
  const rows = rules.map(({ name, kind, severity, params, cooldownSeconds, enabled, builtIn }) => ({
    name,
    kind,
    severity,
    params: JSON.stringify(params).replace(/[{}"]/g, '').replaceAll(',', ' ') || undefined,
    cooldown: `${Math.round(cooldownSeconds / 60)} min`,
    from: builtIn ? 'installation' : 'you',
    state: enabled ? 'on' : 'off',
  }));
  context.out(table(rows, 'Nothing is looked for.'));
}

async function addRule(context: CommandContext, name: string, { kind, ...options }: AddOptions): Promise<void> {
  await withOperations(context, async (operations) => {
    const { params, ...said } = await saidOf(operations, options);
    await operations.ask('incidentRules.create', { name, kind, params, ...said }, incidentRuleView);
  });
  context.out(`Rule ${name} is looked at within a minute.`);
}

async function setRule(context: CommandContext, name: string, given: SetOptions): Promise<void> {
  const { on, off, ...options } = given;
  if (Object.keys(given).length === 0) throw new CommandFailed('Say what to set.');
  await withOperations(context, async (operations) => {
    const { params, ...said } = await saidOf(operations, options);
    const before = await operations.ask('incidentRules.get', { rule: name }, incidentRuleView);
    const enabled = on ? { enabled: true } : off ? { enabled: false } : {};
    const wanted = { rule: name, params: { ...before.params, ...params }, ...said, ...enabled };
    await operations.ask('incidentRules.update', wanted, incidentRuleView);
  });
  context.out(`Rule ${name} is looked at as it is now within a minute.`);
}

async function saidOf(operations: OperationsClient, { severity, cooldown, ...params }: RuleOptions) {
  return {
    params: await paramsOf(operations, params),
    ...(severity !== undefined && { severity }),
    ...(cooldown !== undefined && { cooldownSeconds: cooldown * 60 }),
  };
}

/** Rules keep ids: whatever is called otherwise later is still meant. */
async function paramsOf(operations: OperationsClient, { pool, account, key, ...params }: ParamOptions) {
  const idOf = async (name: string, input: object): Promise<string> => (await operations.ask(name, input, NAMED)).id;
  return {
    ...params,
    ...(pool !== undefined && { poolId: await idOf('pools.get', { pool }) }),
    ...(account !== undefined && { accountId: await idOf('accounts.get', { account }) }),
    ...(key !== undefined && { keyId: await idOf('keys.get', { key }) }),
  };
}

async function removeRule(context: CommandContext, name: string, { dryRun }: DryOption): Promise<void> {
  await withOperations(context, async (operations) => {
    if (dryRun) return context.out(await triedDry(operations, 'incidentRules.delete', { rule: name }));
    await operations.ask('incidentRules.delete', { rule: name }, deletedView);
    context.out(`Rule ${name} is gone; what it found is resolved within a minute.`);
  });
}

function percent(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value >= 1 && value <= 100)) throw new InvalidArgumentError('Not a percentage from 1 to 100.');
  return value;
}
