import { InvalidArgumentError, type Command } from 'commander';
import { KeyAdminService, PoolService, type PoolKey } from '../../auth/index.js';
import { CommandFailed, withServices, type CommandContext } from './context.js';
import { poolOf } from './pool-of.js';
import { table } from './table.js';

interface CreateOptions {
  readonly label: string;
  readonly pool: string;
  readonly expires?: Date;
  readonly model?: readonly string[];
  readonly json?: true;
}

interface ListOptions {
  readonly pool?: string;
  readonly json?: true;
}

export function keyCommands(program: Command, context: CommandContext): void {
  const key = program.command('key').description('Pool API keys');
  key
    .command('create')
    .description('make a key and print it: the only time it is shown')
    .requiredOption('--label <label>', 'name of the key')
    .option('--pool <slug>', 'Pool it belongs to', 'default')
    .option('--expires <when>', 'ISO 8601 time after which it is refused', instant)
    .option('--model <model>', 'a model it may ask for, repeatable; without any: all', oneMore)
    .option('--json', 'for machines')
    .action((options: CreateOptions) => createKey(context, options));
  key
    .command('list')
    .description('keys and their state, without their secrets')
    .option('--pool <slug>', 'of one Pool only')
    .option('--json', 'for machines')
    .action((options: ListOptions) => listKeys(context, options));
  key
    .command('revoke')
    .description('refuse a key from now on, on every replica')
    .argument('<key>', 'its prefix (sk-cxp-<12 hex>) or its id')
    .action((name: string) => revokeKey(context, name));
}

async function createKey(context: CommandContext, options: CreateOptions): Promise<void> {
  const { label, pool, expires, model, json } = options;
  await withServices(context, async (services) => {
    const { id, slug } = await poolOf(services.get(PoolService), pool);
    const { key, token } = await services
      .get(KeyAdminService)
      .createKey(id, label, { ...(expires ? { expiresAt: expires } : {}), ...(model ? { allowedModels: model } : {}) });
    context.out(json ? JSON.stringify({ ...rowOf(key, slug), token }, undefined, 2) : token);
  });
}

async function listKeys(context: CommandContext, { pool, json }: ListOptions): Promise<void> {
  const rows = await withServices(context, async (services) => {
    const pools = services.get(PoolService);
    const poolId = pool === undefined ? undefined : (await poolOf(pools, pool)).id;
    const slugs = new Map((await pools.listPools()).map(({ id, slug }) => [id, slug]));
    const keys = await services.get(KeyAdminService).listKeys(poolId);
    return keys.map((key) => rowOf(key, slugs.get(key.poolId)));
  });
  const lines = rows.map(({ models, ...row }) => ({ ...row, models: models?.join(', ') ?? 'all' }));
  context.out(json ? JSON.stringify(rows, undefined, 2) : table(lines, 'No keys yet: codex-pooler key create'));
}

async function revokeKey(context: CommandContext, name: string): Promise<void> {
  const key = await withServices(context, (services) => services.get(KeyAdminService).revokeKey(name));
  if (!key) throw new CommandFailed('There is no key of that prefix or id.');
  context.out(`Key ${key.label} (${key.prefix}) is revoked.`);
}

const rowOf = (key: PoolKey, pool: string | undefined) => ({
  prefix: key.prefix,
  label: key.label,
  pool,
  status: key.status,
  expires: key.expiresAt,
  last_used: key.lastUsedAt,
  id: key.id,
  models: key.allowedModels,
});

const oneMore = (model: string, models: readonly string[] = []): readonly string[] => [...models, model];

function instant(text: string): Date {
  const when = new Date(text);
  if (Number.isNaN(when.getTime())) throw new InvalidArgumentError('Not a time, such as 2027-01-31T00:00:00Z.');
  return when;
}
