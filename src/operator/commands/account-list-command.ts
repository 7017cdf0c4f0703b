import type { Command } from 'commander';
import { accountView, type AccountView } from '../../control/index.js';
import { everyItem } from '../client/every-item.js';
import { withOperations, type CommandContext } from './context.js';
import { table } from './table.js';

interface ListOptions {
  readonly pool?: string;
  readonly json?: true;
}

export function accountListCommand(account: Command, context: CommandContext): void {
  account
    .command('list')
    .description('all accounts and their state')
    .option('--pool <slug>', 'those of this Pool only')
    .option('--json', 'for machines')
    .action((options: ListOptions) => listAccounts(context, options));
}

async function listAccounts(context: CommandContext, { json, ...filter }: ListOptions): Promise<void> {
  const accounts = await withOperations(context, (operations) =>
    everyItem(operations, 'accounts.list', filter, accountView),
  );
  const rows = accounts.map(rowOf);
  const lines = rows.map((row) => ({ ...row, pools: row.pools.map(placeWords).join(', ') || undefined }));
  context.out(json ? JSON.stringify(rows, undefined, 2) : table(lines, 'No accounts yet: codex-pooler account import'));
}

const rowOf = (account: AccountView) => ({
  label: account.label,
  kind: account.kind,
  status: account.status,
  reason: account.statusReason ?? undefined,
  plan: account.plan ?? undefined,
  token_until: account.accessTokenExpiresAt ?? undefined,
  refresh: account.refreshState,
  cooling_until: account.coolingUntil ?? undefined,
  cooling: account.coolingReason ?? undefined,
  workspace: account.workspaceRef ?? undefined,
  seat: account.seatType ?? undefined,
  max_concurrent: account.maxConcurrent ?? undefined,
  open: account.openCalls,
  pools: account.pools.map(({ poolId: _, ...place }) => place),
  id: account.id,
});

/** The Pool, its tier there when it is not the first one, and whether it is paused there. */
const placeWords = ({ pool, priority, status }: { pool: string; priority: number; status: string }): string =>
  [pool, priority > 0 ? `:${priority}` : '', status === 'paused' ? ' (paused)' : ''].join('');
