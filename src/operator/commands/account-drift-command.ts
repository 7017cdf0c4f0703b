import type { Command } from 'commander';
import { driftView, type DriftView, type DriftWindow } from '../../control/index.js';
import { ACCOUNT_METER } from '../../core/index.js';
import { everyItem } from '../client/every-item.js';
import { withOperations, type CommandContext } from './context.js';
import { momentWords, spanWords } from './relative-time.js';
import { table } from './table.js';

const MINUTE_MS = 60_000;

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
  const drifts = await withOperations(context, (operations) => everyItem(operations, 'accounts.drift', {}, driftView));
  const lines = drifts.flatMap(linesOf);
  const empty = 'No accounts yet: codex-pooler account import';
  context.out(asJson ? JSON.stringify(drifts.map(plain), undefined, 2) : table(lines, empty));
}

type Line = Readonly<Record<string, string | undefined>>;

function linesOf({ account, available, windows, toldAt }: DriftView): readonly Line[] {
  if (windows.length > 0) return windows.map((window) => lineOf(account, window, Date.parse(toldAt)));
  const word = available ? UNKNOWN : NOT_AVAILABLE;
  const none = { window: undefined, provider_says: word, ours_explains: undefined, drift: undefined };
  return [{ account, ...none, confidence: undefined, as_of: undefined }];
}

const lineOf = (account: string, window: DriftWindow, nowMs: number): Line => ({
  account,
  window: windowWords(window),
  provider_says: `${percent(window.usedPercent)}${partWords(window)}`,
  ours_explains: window.explainedPercent === null ? UNKNOWN : percent(window.explainedPercent),
  drift: driftWords(window),
  confidence: window.confidence,
  as_of: momentWords(Date.parse(window.asOf), nowMs),
});

/** `7 d`, and the meter's name where it is not the account's own. */
const windowWords = ({ limitId, windowMinutes }: DriftWindow): string =>
  `${spanWords(windowMinutes * MINUTE_MS)}${limitId === ACCOUNT_METER ? '' : ` ${limitId}`}`;

/** Where not the whole window can be compared. */
const partWords = ({ countedPercent, usedPercent }: DriftWindow): string =>
  countedPercent === usedPercent ? '' : ` (${percent(countedPercent)} compared)`;

function driftWords({ driftPercent, driftTokens }: DriftWindow): string {
  if (driftPercent === null) return UNKNOWN;
  if (driftPercent === 0) return 'none';
  return `${percent(driftPercent)}${driftTokens === null ? '' : ` (about ${tokenWords(driftTokens)} tokens)`}`;
}

const percent = (value: number): string => `${String(Math.round(value * 10) / 10)}%`;

const TOKENS = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 2 });
const tokenWords = (tokens: number): string => TOKENS.format(tokens);

const plain = ({ accountId: id, account, toldAt: _, ...drift }: DriftView) => ({ account, id, ...drift });
