import type { Command } from 'commander';
import { KeyAdminService, PoolService, type PoolKey } from '../../auth/index.js';
import { audited } from './audited.js';
import { CommandFailed, withServices, type CommandContext } from './context.js';
import { policyOf, policyOptions, type PolicyOptions } from './key-options.js';
import { keyPolicyCommands } from './key-policy-commands.js';
import { keyRotateCommand } from './key-rotate-command.js';
import { keyLimitCommands } from './limit-commands.js';
import { poolOf } from './pool-of.js';
import { table } from './table.js';
import { keyTarget } from './targets.js';

interface CreateOptions extends PolicyOptions {
  readonly label: string;
  readonly pool: string;
  readonly json?: true;
}

interface ListOptions {
  readonly pool?: string;
  readonly json?: true;
}

export function keyCommands(program: Command, context: CommandContext): void {
  const key = program.command('key').description('Pool API keys');
  policyOptions(
    key
      .command('create')
      .description('make a key and print it: the only time it is shown')
      .requiredOption('--label <label>', 'name of the key')
      .option('--pool <slug>', 'Pool it belongs to', 'default'),
  )
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
  keyRotateCommand(key, context);
  keyPolicyCommands(key, context);
  keyLimitCommands(key, context);
}

async function createKey(context: CommandContext, options: CreateOptions): Promise<void> {
  const { label, pool, json } = options;
  const policy = policyOf(options);
  const target = { type: 'key', label };
  await audited(context, { action: 'key.create', target, asked: { pool, ...policy } }, async (services, trail) => {
    const { id, slug } = await poolOf(services.get(PoolService), pool);
    const { key, token } = await services.get(KeyAdminService).createKey(id, label, policy);
    trail.about(keyTarget(key));
    trail.after(rowOf(key, slug));
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
  const key = await audited(
    context,
    { action: 'key.revoke', target: { type: 'key', id: name } },
    async (services, trail) => {
      const revoked = await services.get(KeyAdminService).revokeKey(name);
      if (!revoked) throw new CommandFailed('There is no key of that prefix or id.');
      trail.about(keyTarget(revoked));
      return revoked;
    },
  );
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
