import type { Command } from 'commander';
import { ACCOUNT_METER } from '../../core/index.js';
import { AccountDrifts, type AccountDrift } from '../../reconciliation/index.js';
import { withServices, type CommandContext } from './context.js';
import { momentWords, spanWords } from './relative-time.js';
import { table } from './table.js';

const MINUTE_MS = 60_000;

type Window = AccountDrift['windows'][number];

/** Of an account whose provider reports no windows, and of one that has not been compared yet. */
const NOT_AVAILABLE = 'not available';
const UNKNOWN = 'unknown';

export function accountDriftCommand(account: Command, context: CommandContext): void {
  account
    .command('drift')
    .description('what providers counted, and how much of that went through here')
    .option('--json', 'for machines')
    .action((options: { json?: true }) => showDrift(context, options.json === true));
}

async function showDrift(context: CommandContext, asJson: boolean): Promise<void> {
  const { atMs, drifts } = await withServices(context, (services) => services.get(AccountDrifts).all());
  const lines = drifts.flatMap((drift) => linesOf(drift, atMs));
  const empty = 'No accounts yet: codex-pooler account import';
  context.out(asJson ? JSON.stringify(drifts.map(plain), undefined, 2) : table(lines, empty));
}

type Line = Readonly<Record<string, string | undefined>>;

function linesOf({ account, windows }: AccountDrift, nowMs: number): readonly Line[] {
  if (windows.length > 0) return windows.map((window) => lineOf(account.label, window, nowMs));
  const word = reportsWindows(account.kind) ? UNKNOWN : NOT_AVAILABLE;
  const none = { window: undefined, provider_says: word, ours_explains: undefined, drift: undefined };
  return [{ account: account.label, ...none, confidence: undefined, as_of: undefined }];
}

const lineOf = (account: string, window: Window, nowMs: number): Line => ({
  account,
  window: windowWords(window),
  provider_says: `${percent(window.usedPercent)}${partWords(window)}`,
  ours_explains: window.explainedPercent === null ? UNKNOWN : percent(window.explainedPercent),
  drift: driftWords(window),
  confidence: window.confidence,
  as_of: momentWords(window.asOf.getTime(), nowMs),
});

/** `7 d`, and the meter's name where it is not the account's own. */
const windowWords = ({ limitId, windowMinutes }: Window): string =>
  `${spanWords(windowMinutes * MINUTE_MS)}${limitId === ACCOUNT_METER ? '' : ` ${limitId}`}`;

/** Where not the whole window can be compared. */
const partWords = ({ countedPercent, usedPercent }: Window): string =>
  countedPercent === usedPercent ? '' : ` (${percent(countedPercent)} compared)`;

function driftWords({ driftPercent, driftTokens }: Window): string {
  if (driftPercent === null) return UNKNOWN;
  if (driftPercent === 0) return 'none';
  return `${percent(driftPercent)}${driftTokens === null ? '' : ` (about ${tokenWords(driftTokens)} tokens)`}`;
}

const percent = (value: number): string => `${String(Math.round(value * 10) / 10)}%`;

const TOKENS = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 2 });
const tokenWords = (tokens: number): string => TOKENS.format(tokens);

/** Platform usage is metered: its provider tells of no windows. */
const reportsWindows = (kind: string): boolean => kind !== 'openai';

const plain = ({ account, windows }: AccountDrift) => ({
  account: account.label,
  id: account.id,
  kind: account.kind,
  plan: account.plan ?? null,
  available: reportsWindows(account.kind),
  windows: windows.map(({ accountId: _, ...window }) => window),
});
