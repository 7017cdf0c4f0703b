import { InvalidArgumentError, Option, type Command } from 'commander';
import { PoolService, UsageLimitService, type Pool, type PoolSettings } from '../../auth/index.js';
import { EVIDENCE_POLICIES, ROUTING_STRATEGIES } from '../../core/index.js';
import { audited } from './audited.js';
import { CommandFailed, withServices, type CommandContext } from './context.js';
import { limitLines, poolLimitCommands } from './limit-commands.js';
import { orNone, withNulls } from './none.js';
import { poolOf } from './pool-of.js';
import { table } from './table.js';
import { poolTarget } from './targets.js';
import { wholeNumber } from './whole-number.js';

interface SetOptions {
  readonly name?: string;
  readonly status?: 'active' | 'disabled';
  readonly defaultModel?: string | null;
  readonly strategy?: PoolSettings['routingStrategy'];
  readonly evidence?: PoolSettings['evidencePolicy'];
  readonly ringSize?: number | null;
  readonly maxConcurrent?: number | null;
  readonly unlistedModels?: boolean;
  readonly v1?: boolean;
  readonly images?: boolean;
}

const SLUG = ['<slug>', 'name of the Pool'] as const;
const many = wholeNumber(1, 100_000);

export function poolCommands(program: Command, context: CommandContext): void {
  const pool = program.command('pool').description('Pools: accounts and rules that a set of keys shares');
  pool
    .command('list')
    .description('all Pools')
    .option('--json', 'for machines')
    .action(({ json }: { json?: true }) => listPools(context, json === true));
  pool
    .command('show')
    .description('the settings and limits of a Pool')
    .argument(...SLUG)
    .option('--json', 'for machines')
    .action((slug: string, { json }: { json?: true }) => showPool(context, slug, json === true));
  pool
    .command('set')
    .description('change settings of a Pool; none takes a value away')
    .argument(...SLUG)
    .option('--name <text>', 'what it is called')
    .addOption(new Option('--status <status>', 'a disabled Pool serves nobody').choices(['active', 'disabled']))
    .option('--default-model <model>', 'serves requests that name none', orNone(modelName))
    .addOption(new Option('--strategy <name>', 'how accounts are chosen').choices(ROUTING_STRATEGIES))
    .addOption(new Option('--evidence <policy>', 'of quota').choices(EVIDENCE_POLICIES))
    .option('--ring-size <n>', 'how many accounts one call may be sent to', orNone(many))
    .option('--max-concurrent <n>', 'calls at once', orNone(many))
    .option('--unlisted-models <on|off>', 'whether models that no account lists may be asked for', onOff)
    .option('--v1 <on|off>', 'whether the /v1 routes serve', onOff)
    .option('--images <on|off>', 'whether images may be made', onOff)
    .action((slug: string, options: SetOptions) => setPool(context, slug, withNulls(options)));
  poolLimitCommands(pool, context);
}

async function listPools(context: CommandContext, json: boolean): Promise<void> {
  const pools = await withServices(context, (services) => services.get(PoolService).listPools());
  const rows = pools.map(({ slug, name, status, routingStrategy, maxConcurrent }) => ({
    slug,
    name,
    status,
    strategy: routingStrategy,
    max_concurrent: maxConcurrent,
  }));
  context.out(json ? JSON.stringify(rows, undefined, 2) : table(rows, 'No Pools yet: codex-pooler apply'));
}

async function showPool(context: CommandContext, slug: string, json: boolean): Promise<void> {
  await withServices(context, async (services) => {
    const pool = await poolOf(services.get(PoolService), slug);
    const limits = await services.get(UsageLimitService).limitsOf({ poolId: pool.id });
    if (json) return context.out(JSON.stringify({ ...recordOf(pool), limits }, undefined, 2));
    const lines = Object.entries(recordOf(pool)).map(([name, value]) => `  ${name}: ${value ?? '-'}`);
    context.out([`Pool ${slug}:`, ...lines.slice(1), 'Limits:', ...limitLines(limits)].join('\n'));
  });
}

async function setPool(context: CommandContext, slug: string, options: SetOptions): Promise<void> {
  if (Object.keys(options).length === 0) throw new CommandFailed('Say what to set.');
  const action = { action: 'pool.set', target: { type: 'pool', label: slug }, asked: options };
  await audited(context, action, async (services, trail) => {
    const pools = services.get(PoolService);
    const before = await poolOf(pools, slug);
    trail.about(poolTarget(before));
    trail.before(recordOf(before));
    trail.after(recordOf(await pools.createPool(slug, settingsOf(options))));
  });
  await showPool(context, slug, false);
}

const settingsOf = ({ strategy, evidence, unlistedModels, v1, images, ...same }: SetOptions): PoolSettings => {
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

const recordOf = (pool: Pool) => ({
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
