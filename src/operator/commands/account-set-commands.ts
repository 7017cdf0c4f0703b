import type { Command } from 'commander';
import { z } from 'zod';
import { accountView } from '../../control/index.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { dryOption, triedDry, type DryOption } from './tried-dry.js';
import { wholeNumber } from './whole-number.js';

interface SetOptions {
  readonly pool?: string;
  readonly priority?: number;
  readonly maxConcurrent?: number | 'none';
  readonly label?: string;
}

const priority = wholeNumber(0, 1_000);
const concurrency = wholeNumber(1, 100_000);

export function accountSetCommands(account: Command, context: CommandContext): void {
  account
    .command('set')
    .description('how much an account serves, in which order, and what it is called')
    .argument('<label>', 'name of the account')
    .option('--pool <slug>', 'the Pool that --priority is for')
    .option('--priority <n>', 'tier in that Pool, 0 first; counts under the strategy priority', priority)
    .option('--max-concurrent <n|none>', 'calls at once', (text) => (text === 'none' ? text : concurrency(text)))
    .option('--label <label>', 'another name for it')
    .action((label: string, options: SetOptions) => set(context, label, options));
  account
    .command('assign')
    .description('let an account serve one more Pool')
    .argument('<label>', 'name of the account')
    .requiredOption('--pool <slug>', 'the Pool')
    .option('--priority <n>', 'tier in that Pool, 0 first', priority)
    .action((label: string, options: { pool: string; priority?: number }) => assign(context, label, options));
  dryOption(account.command('unassign'))
    .description('take an account out of a Pool')
    .argument('<label>', 'name of the account')
    .requiredOption('--pool <slug>', 'the Pool')
    .action((label: string, options: DryOption & { pool: string }) => unassign(context, label, options));
}

async function set(context: CommandContext, label: string, options: SetOptions): Promise<void> {
  const { pool, priority: tier, maxConcurrent, label: renamed } = options;
  if ((pool === undefined) !== (tier === undefined)) throw new CommandFailed('--pool and --priority go together.');
  if (tier === undefined && maxConcurrent === undefined && renamed === undefined) {
    throw new CommandFailed('Say what to set.');
  }
  await withOperations(context, async (operations) => {
    if (tier !== undefined) {
      await operations.ask('accounts.updatePlace', { account: label, pool, priority: tier }, accountView);
      context.out(`Account ${label} has priority ${tier} in Pool ${pool ?? ''}.`);
    }
    if (maxConcurrent !== undefined) {
      const isLimited = maxConcurrent !== 'none';
      const limit = { account: label, maxConcurrent: isLimited ? maxConcurrent : null };
      await operations.ask('accounts.update', limit, accountView);
      const calls = isLimited ? String(maxConcurrent) : 'as many calls as the installation allows';
      context.out(`Account ${label} serves ${calls} at once.`);
    }
    if (renamed === undefined) return;
    const view = await operations.ask('accounts.update', { account: label, label: renamed }, accountView);
    context.out(`Account ${label} is now called ${view.label}.`);
  });
}

async function assign(context: CommandContext, label: string, options: { pool: string; priority?: number }) {
  await withOperations(context, async (operations) => {
    await operations.ask('accounts.assign', { account: label, ...options }, accountView);
    context.out(`Account ${label} is in Pool ${options.pool}.`);
  });
}

async function unassign(context: CommandContext, label: string, { pool, dryRun }: DryOption & { pool: string }) {
  await withOperations(context, async (operations) => {
    const input = { account: label, pool };
    if (dryRun) return context.out(await triedDry(operations, 'accounts.unassign', input));
    await operations.ask('accounts.unassign', input, z.object({ assigned: z.literal(false) }));
    context.out(`Account ${label} is no longer in Pool ${pool}.`);
  });
}
