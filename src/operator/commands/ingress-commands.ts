import { Option, type Command } from 'commander';
import { ingressView, type IngressView } from '../../control/index.js';
import { ADDRESS_SOURCES, MAX_FORWARDED_DEPTH } from '../../platform/http/index.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { table } from './table.js';
import { wholeNumber } from './whole-number.js';

type Blocks = readonly string[] | typeof ENVIRONMENT;

interface SetOptions {
  readonly callers?: Blocks;
  readonly operators?: Blocks;
  readonly proxies?: Blocks;
  readonly source?: string;
  readonly depth?: number | typeof ENVIRONMENT;
  readonly force?: true;
  readonly json?: true;
}

/** Said in place of a value: as the environment says. */
const ENVIRONMENT = 'environment';
const NONE = 'none';
const NAMES = {
  allowList: 'callers',
  operatorAllowList: 'operators',
  trustedProxies: 'proxies',
  source: 'source',
  depth: 'depth',
} as const;

export function ingressCommands(program: Command, context: CommandContext): void {
  const ingress = program.command('ingress').description('from where the gateway may be called');
  ingress
    .command('show')
    .description('the rules that hold, and who set them')
    .option('--json', 'for machines')
    .action(({ json }: { json?: true }) => show(context, json));
  ingress
    .command('set')
    .description(`change rules on every replica within a second; ${ENVIRONMENT} gives one back to its variable`)
    .option(
      '--callers <blocks>',
      `who may call models and tools: addresses and CIDR blocks with commas, or ${NONE}`,
      blocks,
    )
    .option('--operators <blocks>', 'who may call the operators’ API', blocks)
    .option('--proxies <blocks>', 'proxies that are believed when they say for whom they ask', blocks)
    .addOption(new Option('--source <source>', 'where they say it').choices([...ADDRESS_SOURCES, ENVIRONMENT]))
    .option('--depth <n>', 'which entry counts, from the right; 0: the first that is no proxy', depth)
    .option('--force', 'also when you could not ask again from where you are')
    .option('--json', 'for machines')
    .action((options: SetOptions) => set(context, options));
}

async function show(context: CommandContext, json: true | undefined): Promise<void> {
  const rules = await withOperations(context, (operations) => operations.ask('ingress.get', {}, ingressView));
  print(context, rules, json);
}

async function set(context: CommandContext, options: SetOptions): Promise<void> {
  const { callers, operators, proxies, source, depth: entry, force, json } = options;
  const wanted = { allowList: callers, operatorAllowList: operators, trustedProxies: proxies, source, depth: entry };
  const change = Object.entries(wanted)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]): [string, unknown] => [name, value === ENVIRONMENT ? null : value]);
  if (change.length === 0) throw new CommandFailed('Say what is to be set: codex-pooler ingress set --help');
  const said: object = Object.fromEntries(change);
  const asked = { ...said, ...(force && { force }) };
  const rules = await withOperations(context, (operations) => operations.ask('ingress.update', asked, ingressView));
  print(context, rules, json);
}

function print(context: CommandContext, rules: IngressView, json: true | undefined): void {
  if (json) return context.out(JSON.stringify(rules, undefined, 2));
  const { set: byOperators } = rules;
  const rows = Object.entries(NAMES).map(([field, name]) => ({
    rule: name,
    value: shown(rules[field as keyof typeof NAMES]),
    from: byOperators.some((each) => each === field) ? 'operators' : ENVIRONMENT,
  }));
  context.out(table(rows, ''));
}

function shown(value: IngressView[keyof typeof NAMES]): string {
  if (typeof value !== 'object') return String(value);
  return value.length === 0 ? '-' : value.join(', ');
}

function blocks(text: string): Blocks {
  if (text === ENVIRONMENT) return text;
  return text === NONE ? [] : text.split(',').map((each) => each.trim());
}

function depth(text: string): number | typeof ENVIRONMENT {
  return text === ENVIRONMENT ? text : wholeNumber(0, MAX_FORWARDED_DEPTH)(text);
}
