import type { Command } from 'commander';
import { PoolService } from '../../auth/index.js';
import { AccountAssignments, AccountLifecycle, type AccountAction } from '../../upstream/index.js';
import { accountOf } from './account-of.js';
import { audited } from './audited.js';
import { CommandFailed, type CommandContext } from './context.js';
import { poolOf } from './pool-of.js';
import { accountTarget } from './targets.js';

interface PoolOption {
  readonly pool?: string;
}

export function accountActionCommands(account: Command, context: CommandContext): void {
  const forPools = { pause: 'send nothing through an account', resume: 'let a paused or draining account serve again' };
  for (const action of ['pause', 'resume'] as const) {
    account
      .command(action)
      .description(forPools[action])
      .argument('<label>', 'name of the account')
      .option('--pool <slug>', 'in this Pool only')
      .action((label: string, { pool }: PoolOption) =>
        pool === undefined ? act(context, action, label) : actInPool(context, action, label, pool),
      );
  }
  account
    .command('drain')
    .description('let an account finish what sessions have begun with it, and give it nothing new')
    .argument('<label>', 'name of the account')
    .action((label: string) => act(context, 'drain', label));
  account
    .command('delete')
    .description('wipe the login of an account and take it out of every Pool, for good')
    .argument('<label>', 'name of the account')
    .option('--yes', 'do it')
    .action((label: string, { yes }: { yes?: true }) => {
      if (yes !== true) throw new CommandFailed('That wipes its login, for good: say --yes.');
      return act(context, 'delete', label);
    });
}

async function act(context: CommandContext, action: AccountAction, label: string): Promise<void> {
  await audited(
    context,
    { action: `account.${action}`, target: { type: 'account', label } },
    async (services, trail) => {
      const account = await accountOf(services, label);
      const { id } = account;
      trail.about(accountTarget(account));
      trail.before({ status: account.status });
      const status = await services.get(AccountLifecycle)[action](id);
      trail.after({ status });
      context.out(`Account ${label} is ${status}.`);
    },
  );
}

async function actInPool(context: CommandContext, action: 'pause' | 'resume', label: string, slug: string) {
  const target = { type: 'account', label };
  await audited(context, { action: `account.${action}`, target, asked: { pool: slug } }, async (services, trail) => {
    const { id } = await accountOf(services, label);
    const pool = await poolOf(services.get(PoolService), slug);
    const status = action === 'pause' ? 'paused' : 'active';
    trail.about({ ...accountTarget({ id, label }), poolId: pool.id });
    trail.after({ status });
    if (!(await services.get(AccountAssignments).change(pool.id, id, { status }))) {
      throw new CommandFailed(`Account ${label} is not in Pool ${slug}.`);
    }
    context.out(`Account ${label} is ${status} in Pool ${slug}.`);
  });
}
