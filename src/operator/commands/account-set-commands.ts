import type { Command } from 'commander';
import { PoolService } from '../../auth/index.js';
import { AccountAssignments, AccountService } from '../../upstream/index.js';
import { accountOf } from './account-of.js';
import { audited } from './audited.js';
import { CommandFailed, type CommandContext } from './context.js';
import { poolOf } from './pool-of.js';
import { accountTarget } from './targets.js';
import { wholeNumber } from './whole-number.js';

interface SetOptions {
  readonly pool?: string;
  readonly priority?: number;
  readonly maxConcurrent?: number | 'none';
}

const priority = wholeNumber(0, 1_000);
const concurrency = wholeNumber(1, 100_000);

export function accountSetCommands(account: Command, context: CommandContext): void {
  account
    .command('set')
    .description('how much an account serves, and in which order')
    .argument('<label>', 'name of the account')
    .option('--pool <slug>', 'the Pool that --priority is for')
    .option('--priority <n>', 'tier in that Pool, 0 first; counts under the strategy priority', priority)
    .option('--max-concurrent <n|none>', 'calls at once', (text) => (text === 'none' ? text : concurrency(text)))
    .action((label: string, options: SetOptions) => set(context, label, options));
  account
    .command('assign')
    .description('let an account serve one more Pool')
    .argument('<label>', 'name of the account')
    .requiredOption('--pool <slug>', 'the Pool')
    .option('--priority <n>', 'tier in that Pool, 0 first', priority)
    .action((label: string, options: { pool: string; priority?: number }) => assign(context, label, options));
  account
    .command('unassign')
    .description('take an account out of a Pool')
    .argument('<label>', 'name of the account')
    .requiredOption('--pool <slug>', 'the Pool')
    .action((label: string, { pool }: { pool: string }) => unassign(context, label, pool));
}

async function set(context: CommandContext, label: string, options: SetOptions): Promise<void> {
  const { pool, priority: tier, maxConcurrent } = options;
  if ((pool === undefined) !== (tier === undefined)) throw new CommandFailed('--pool and --priority go together.');
  if (tier === undefined && maxConcurrent === undefined) throw new CommandFailed('Say what to set.');
  const action = { action: 'account.set', target: { type: 'account', label }, asked: options };
  await audited(context, action, async (services, trail) => {
    const { id } = await accountOf(services, label);
    trail.about(accountTarget({ id, label }));
    if (pool !== undefined && tier !== undefined) {
      const { id: poolId } = await poolOf(services.get(PoolService), pool);
      if (!(await services.get(AccountAssignments).change(poolId, id, { priority: tier }))) throw notIn(label, pool);
      context.out(`Account ${label} has priority ${tier} in Pool ${pool}.`);
    }
    if (maxConcurrent === undefined) return;
    const isLimited = maxConcurrent !== 'none';
    await services.get(AccountService).limit(id, isLimited ? maxConcurrent : null);
    const calls = isLimited ? String(maxConcurrent) : 'as many calls as the installation allows';
    context.out(`Account ${label} serves ${calls} at once.`);
  });
}

async function assign(context: CommandContext, label: string, options: { pool: string; priority?: number }) {
  const action = { action: 'account.assign', target: { type: 'account', label }, asked: options };
  await audited(context, action, async (services, trail) => {
    const { id } = await accountOf(services, label);
    const pool = await poolOf(services.get(PoolService), options.pool);
    trail.about({ ...accountTarget({ id, label }), poolId: pool.id });
    await services.get(AccountAssignments).assign(pool.id, id, options.priority);
    context.out(`Account ${label} is in Pool ${pool.slug}.`);
  });
}

async function unassign(context: CommandContext, label: string, slug: string): Promise<void> {
  const action = { action: 'account.unassign', target: { type: 'account', label }, asked: { pool: slug } };
  await audited(context, action, async (services, trail) => {
    const { id } = await accountOf(services, label);
    const pool = await poolOf(services.get(PoolService), slug);
    trail.about({ ...accountTarget({ id, label }), poolId: pool.id });
    if (!(await services.get(AccountAssignments).remove(pool.id, id))) throw notIn(label, slug);
    context.out(`Account ${label} is no longer in Pool ${slug}.`);
  });
}

const notIn = (label: string, pool: string): CommandFailed =>
  new CommandFailed(`Account ${label} is not in Pool ${pool}.`);
