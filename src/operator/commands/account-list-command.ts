import type { Command } from 'commander';
import { RequestLogService } from '../../accounting/index.js';
import { PoolService } from '../../auth/index.js';
import type { PoolId } from '../../core/index.js';
import { AccountService, type AccountSummary } from '../../upstream/index.js';
import { withServices, type CommandContext } from './context.js';
import { poolOf } from './pool-of.js';
import { table } from './table.js';

interface ListOptions {
  readonly pool?: string;
  readonly json?: true;
}

type Slugs = ReadonlyMap<PoolId, string>;

export function accountListCommand(account: Command, context: CommandContext): void {
  account
    .command('list')
    .description('all accounts and their state')
    .option('--pool <slug>', 'those of this Pool only')
    .option('--json', 'for machines')
    .action((options: ListOptions) => listAccounts(context, options));
}

async function listAccounts(context: CommandContext, { pool, json }: ListOptions): Promise<void> {
  const rows = await withServices(context, async (services) => {
    const pools = services.get(PoolService);
    const poolId = pool === undefined ? undefined : (await poolOf(pools, pool)).id;
    const slugs: Slugs = new Map((await pools.listPools()).map(({ id, slug }) => [id, slug]));
    const open = await services.get(RequestLogService).openCalls();
    const accounts = await services.get(AccountService).list(poolId);
    return accounts.map((account) => rowOf(account, open.get(account.id) ?? 0, slugs));
  });
  const lines = rows.map((row) => ({ ...row, pools: row.pools.map(placeWords).join(', ') || undefined }));
  context.out(json ? JSON.stringify(rows, undefined, 2) : table(lines, 'No accounts yet: codex-pooler account import'));
}

const rowOf = (account: AccountSummary, open: number, slugs: Slugs) => ({
  label: account.label,
  kind: account.kind,
  status: account.status,
  reason: account.statusReason,
  plan: account.plan,
  token_until: instant(account.accessTokenExpiresAtMs),
  refresh: account.refreshState,
  cooling_until: instant(account.coolingUntilMs),
  cooling: account.coolingReason,
  workspace: account.workspaceId,
  seat: account.seatType,
  max_concurrent: account.maxConcurrent,
  open,
  pools: account.assignments.map(({ poolId, ...place }) => ({ pool: slugs.get(poolId) ?? poolId, ...place })),
  id: account.id,
});

/** The Pool, its tier there when it is not the first one, and whether it is paused there. */
const placeWords = ({ pool, priority, status }: { pool: string; priority: number; status: string }): string =>
  [pool, priority > 0 ? `:${priority}` : '', status === 'paused' ? ' (paused)' : ''].join('');

const instant = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));
