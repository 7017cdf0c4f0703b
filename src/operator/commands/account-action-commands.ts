import type { Command } from 'commander';
import { z } from 'zod';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { dryOption, triedDry, type DryOption } from './tried-dry.js';

interface ActionOptions extends DryOption {
  readonly pool?: string;
  readonly yes?: true;
}

const ended = z.object({ label: z.string(), status: z.string() });

export function accountActionCommands(account: Command, context: CommandContext): void {
  const forPools = { pause: 'send nothing through an account', resume: 'let a paused or draining account serve again' };
  for (const action of ['pause', 'resume'] as const) {
    dryOption(account.command(action))
      .description(forPools[action])
      .argument('<label>', 'name of the account')
      .option('--pool <slug>', 'in this Pool only')
      .action((label: string, options: ActionOptions) =>
        options.pool === undefined
          ? act(context, action, label, options)
          : actInPool(context, action, { label, pool: options.pool }, options),
      );
  }
  dryOption(account.command('drain'))
    .description('let an account finish what sessions have begun with it, and give it nothing new')
    .argument('<label>', 'name of the account')
    .action((label: string, options: ActionOptions) => act(context, 'drain', label, options));
  dryOption(account.command('delete'))
    .description('wipe the login of an account and take it out of every Pool, for good')
    .argument('<label>', 'name of the account')
    .option('--yes', 'do it')
    .action((label: string, options: ActionOptions) => {
      if (options.yes !== true && options.dryRun !== true) {
        throw new CommandFailed('That wipes its login, for good: say --yes.');
      }
      return act(context, 'delete', label, options);
    });
}

async function act(
  context: CommandContext,
  action: 'pause' | 'resume' | 'drain' | 'delete',
  label: string,
  { dryRun }: ActionOptions,
): Promise<void> {
  await withOperations(context, async (operations) => {
    const [name, input] = [`accounts.${action}`, { account: label }] as const;
    if (dryRun) return context.out(await triedDry(operations, name, input));
    const { status } = await operations.ask(name, input, ended);
    context.out(`Account ${label} is ${status}.`);
  });
}

async function actInPool(
  context: CommandContext,
  action: 'pause' | 'resume',
  { label, pool }: { readonly label: string; readonly pool: string },
  { dryRun }: ActionOptions,
): Promise<void> {
  await withOperations(context, async (operations) => {
    const [name, input] = [`accounts.${action}InPool`, { account: label, pool }] as const;
    if (dryRun) return context.out(await triedDry(operations, name, input));
    await operations.ask(name, input, ended);
    context.out(`Account ${label} is ${action === 'pause' ? 'paused' : 'active'} in Pool ${pool}.`);
  });
}
