import { InvalidArgumentError, Option, type Command } from 'commander';
import { limitsView, poolView, type PoolView } from '../../control/index.js';
import { EVIDENCE_POLICIES, ROUTING_STRATEGIES } from '../../core/index.js';
import { everyItem } from '../client/every-item.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { poolLimitCommands } from './limit-commands.js';
import { limitLines, limitRecords, usedLines } from './limit-lines.js';
import { orNone, withNulls } from './none.js';
import { table } from './table.js';
import { dryOption, triedDry, type DryOption } from './tried-dry.js';
import { wholeNumber } from './whole-number.js';

interface SetOptions {
  readonly name?: string;
  readonly status?: PoolView['status'];
  readonly defaultModel?: string | null;
  readonly strategy?: PoolView['routingStrategy'];
  readonly evidence?: PoolView['evidencePolicy'];
  readonly ringSize?: number | null;
  readonly maxConcurrent?: number | null;
  readonly unlistedModels?: boolean;
  readonly v1?: boolean;
  readonly images?: boolean;
}

const SLUG = ['<slug>', 'name of the Pool'] as const;
const STATUS = ['active', 'disabled', 'archived'] as const;
const many = wholeNumber(1, 100_000);

export function poolCommands(program: Command, context: CommandContext): void {
  const pool = program.command('pool').description('Pools: accounts and rules that a set of keys shares');
  pool
    .command('list')
    .description('all Pools')
    .addOption(new Option('--status <status>', 'of one state only').choices(STATUS))
    .option('--json', 'for machines')
    .action(({ json, ...filter }: { json?: true; status?: string }) => listPools(context, filter, json === true));
  pool
    .command('show')
    .description('the settings and limits of a Pool, and what is used of them')
    .argument(...SLUG)
    .option('--json', 'for machines')
    .action((slug: string, { json }: { json?: true }) => showPool(context, slug, json === true));
  settingOptions(
    pool
      .command('create')
      .description('make a Pool')
      .argument('<slug>', 'lower-case letters, digits and inner dashes; it never changes'),
  ).action((slug: string, options: SetOptions) => createPool(context, slug, withNulls<SetOptions>(options)));
  const setting = pool
    .command('set')
    .description('change settings of a Pool; none takes a value away')
    .argument(...SLUG)
    .addOption(new Option('--status <status>', 'only an active Pool serves').choices(STATUS));
  dryOption(settingOptions(setting)).action((slug: string, { dryRun, ...options }: SetOptions & DryOption) =>
    setPool(context, slug, withNulls<SetOptions>(options), dryRun === true),
  );
  poolLimitCommands(pool, context);
}

const settingOptions = (command: Command): Command =>
  command
    .option('--name <text>', 'what it is called')
    .option('--default-model <model>', 'serves requests that name none', orNone(modelName))
    .addOption(new Option('--strategy <name>', 'how accounts are chosen').choices(ROUTING_STRATEGIES))
    .addOption(new Option('--evidence <policy>', 'of quota').choices(EVIDENCE_POLICIES))
    .option('--ring-size <n>', 'how many accounts one call may be sent to', orNone(many))
    .option('--max-concurrent <n>', 'calls at once', orNone(many))
    .option('--unlisted-models <on|off>', 'whether models that no account lists may be asked for', onOff)
    .option('--v1 <on|off>', 'whether the /v1 routes serve', onOff)
    .option('--images <on|off>', 'whether images may be made', onOff);

async function listPools(context: CommandContext, filter: object, json: boolean): Promise<void> {
  const pools = await withOperations(context, (operations) => everyItem(operations, 'pools.list', filter, poolView));
  const rows = pools.map(({ slug, name, status, routingStrategy, maxConcurrent }) => ({
    slug,
    name,
    status,
    strategy: routingStrategy,
    max_concurrent: maxConcurrent,
  }));
  const none = Object.keys(filter).length > 0 ? 'No such Pools.' : 'No Pools yet: codex-pooler pool create';
  context.out(json ? JSON.stringify(rows, undefined, 2) : table(rows, none));
}

async function showPool(context: CommandContext, slug: string, json: boolean): Promise<void> {
  await withOperations(context, async (operations) => {
    const pool = recordOf(await operations.ask('pools.get', { pool: slug }, poolView));
    const limits = await operations.ask('poolLimits.get', { pool: slug }, limitsView);
    if (json) return context.out(JSON.stringify({ ...pool, limits: limitRecords(limits) }, undefined, 2));
    const lines = Object.entries(pool).map(([name, value]) => `  ${name}: ${value ?? '-'}`);
    const limited = ['Limits:', ...limitLines(limits.limits), ...usedLines(limits.used)];
    context.out([`Pool ${slug}:`, ...lines.slice(1), ...limited].join('\n'));
  });
}

async function createPool(context: CommandContext, slug: string, options: SetOptions): Promise<void> {
  const input = { slug, ...settingsOf(options) };
  await withOperations(context, (operations) => operations.ask('pools.create', input, poolView));
  await showPool(context, slug, false);
}

async function setPool(context: CommandContext, slug: string, options: SetOptions, isDry: boolean): Promise<void> {
  if (Object.keys(options).length === 0) throw new CommandFailed('Say what to set.');
  const input = { pool: slug, ...settingsOf(options) };
  if (isDry) {
    return context.out(await withOperations(context, (operations) => triedDry(operations, 'pools.update', input)));
  }
  await withOperations(context, (operations) => operations.ask('pools.update', input, poolView));
  await showPool(context, slug, false);
}

const settingsOf = ({ strategy, evidence, unlistedModels, v1, images, ...same }: SetOptions): Partial<PoolView> => {
  const named = {
    ...same,
    routingStrategy: strategy,
    evidencePolicy: evidence,
    allowUnlistedModels: unlistedModels,
    v1Enabled: v1,
    imageGenerationEnabled: images,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
};

const recordOf = (pool: PoolView) => ({
  slug: pool.slug,
  name: pool.name,
  status: pool.status,
  default_model: pool.defaultModel,
  strategy: pool.routingStrategy,
  evidence: pool.evidencePolicy,
  ring_size: pool.ringSize,
  max_concurrent: pool.maxConcurrent,
  unlisted_models: pool.allowUnlistedModels,
  v1: pool.v1Enabled,
  images: pool.imageGenerationEnabled,
});

function onOff(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new InvalidArgumentError('on or off.');
}

function modelName(text: string): string {
  if (/^[^\s\p{C}*]{1,200}$/u.test(text)) return text;
  throw new InvalidArgumentError('Not the name of a model.');
}
