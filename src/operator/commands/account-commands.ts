import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { PoolService } from '../../auth/index.js';
import { AccountService } from '../../upstream/index.js';
import { CommandFailed, withServices, type CommandContext } from './context.js';
import { poolOf } from './pool-of.js';
import { table } from './table.js';

interface ImportOptions {
  readonly label: string;
  readonly pool: string;
}

export function accountCommands(program: Command, context: CommandContext): void {
  const account = program.command('account').description('upstream accounts');
  account
    .command('import')
    .description('import the login of a Codex auth.json; the gateway refreshes it from then on')
    .argument('<file>', 'path of the auth.json')
    .requiredOption('--label <label>', 'name of the account')
    .option('--pool <slug>', 'Pool to put it into', 'default')
    .action((file: string, options: ImportOptions) => importAccount(context, file, options));
  account
    .command('list')
    .description('all accounts and their state')
    .option('--json', 'for machines')
    .action((options: { json?: true }) => listAccounts(context, options.json === true));
}

async function importAccount(context: CommandContext, file: string, { label, pool }: ImportOptions): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CommandFailed('The auth.json cannot be read.');
  });
  await withServices(context, async (services) => {
    const { id: poolId } = await poolOf(services.get(PoolService), pool);
    const { account, outcome } = await services.get(AccountService).importAuthJson(text, { label, poolId });
    context.out(`Account ${account.label} is in Pool ${pool}: ${outcome}.`);
  });
}

async function listAccounts(context: CommandContext, asJson: boolean): Promise<void> {
  const accounts = await withServices(context, (services) => services.get(AccountService).list());
  const rows = accounts.map((account) => ({
    label: account.label,
    kind: account.kind,
    status: account.status,
    reason: account.statusReason,
    plan: account.plan,
    token_until: instant(account.accessTokenExpiresAtMs),
    cooling_until: instant(account.coolingUntilMs),
    id: account.id,
  }));
  context.out(
    asJson ? JSON.stringify(rows, undefined, 2) : table(rows, 'No accounts yet: codex-pooler account import'),
  );
}

const instant = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));
