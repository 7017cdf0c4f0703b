import type { Command } from 'commander';
import { quotaView, type QuotaView } from '../../control/index.js';
import { ACCOUNT_METER } from '../../core/index.js';
import { everyItem } from '../client/every-item.js';
import { withOperations, type CommandContext } from './context.js';
import { spanWords } from './relative-time.js';
import { table } from './table.js';

interface QuotaOptions {
  readonly pool?: string;
  readonly model?: string;
  readonly json?: true;
}

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

export function accountQuotaCommand(account: Command, context: CommandContext): void {
  account
    .command('quota')
    .description('what providers say of the quota of accounts, and whether calls can go there')
    .option('--pool <slug>', 'accounts of this Pool only')
    .option('--model <model>', 'whether calls of this model can')
    .option('--json', 'for machines')
    .action((options: QuotaOptions) => showQuota(context, options));
}

async function showQuota(context: CommandContext, { json, ...filter }: QuotaOptions): Promise<void> {
  const quotas = await withOperations(context, (operations) => everyItem(operations, 'quota.list', filter, quotaView));
  const empty = 'No accounts yet: codex-pooler account import';
  context.out(json ? JSON.stringify(quotas, undefined, 2) : table(quotas.flatMap(linesOf), empty));
}

type Line = Readonly<Record<string, string | undefined>>;
type Window = QuotaView['windows'][number];

function linesOf(quota: QuotaView): readonly Line[] {
  const { account, metered, windows } = quota;
  const usable = quota.usable ? 'yes' : `no: ${quota.reason ?? ''}`;
  if (windows.length > 0) return windows.map((window) => ({ account, usable, ...lineOf(window) }));
  const window = metered ? 'not available' : undefined;
  return [
    {
      account,
      usable,
      window,
      used: undefined,
      resets_at: undefined,
      state: undefined,
      age: undefined,
      source: undefined,
    },
  ];
}

const lineOf = ({ limitId, windowMinutes, ...window }: Window): Line => ({
  window: `${spanWords(windowMinutes * MINUTE_MS)}${limitId === ACCOUNT_METER ? '' : ` ${limitId}`}`,
  used: `${String(Math.round(window.usedPercent * 10) / 10)}%`,
  resets_at: window.resetsAt,
  state: window.reason ?? 'usable',
  age: spanWords(window.ageSeconds * SECOND_MS),
  source: window.source,
});
