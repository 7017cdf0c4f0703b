import { InvalidArgumentError, type Command } from 'commander';
import { limitsView, type LimitsView } from '../../control/index.js';
import { CommandFailed, withOperations, type CommandContext } from './context.js';
import { limitLines } from './limit-lines.js';
import { orNone, withNulls } from './none.js';
import { dryOption, triedDry, type DryOption } from './tried-dry.js';
import { wholeNumber } from './whole-number.js';

interface SetOptions {
  readonly model?: string;
  readonly requestsPerMinute?: number | null;
  readonly tokensPerDay?: number | null;
  readonly tokensPerWeek?: number | null;
  readonly maxInputTokens?: number | null;
  readonly maxOutputTokens?: number | null;
  readonly usdPerDay?: string | null;
  readonly usdPerWeek?: string | null;
  readonly usdPerMonth?: string | null;
  readonly warnPercent?: number | null;
}

interface RemoveOptions extends DryOption {
  readonly model?: string;
}

/** Whose limits a command is about. */
interface Owners {
  readonly type: 'key' | 'pool';
  readonly argument: readonly [name: string, description: string];
}

const OF_KEYS: Owners = { type: 'key', argument: ['<key>', 'its prefix (sk-cxp-<12 hex>) or its id'] };
const OF_POOLS: Owners = { type: 'pool', argument: ['<slug>', 'name of the Pool'] };

export const keyLimitCommands = (key: Command, context: CommandContext): void => limitCommands(key, context, OF_KEYS);
export const poolLimitCommands = (pool: Command, context: CommandContext): void =>
  limitCommands(pool, context, OF_POOLS);

const count = wholeNumber(1, 2 ** 31 - 1);
const tokens = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const percent = wholeNumber(1, 100);

function limitCommands(parent: Command, context: CommandContext, owners: Owners): void {
  const limit = parent.command('limit').description('how much may be used');
  limit
    .command('set')
    .description('set what is said and leave the rest; none takes a limit away')
    .argument(...owners.argument)
    .option('--model <pattern>', 'of calls of such models only, * for anything')
    .option('--requests-per-minute <n>', 'in any 60 s', orNone(count))
    .option('--tokens-per-day <n>', 'since midnight, UTC', orNone(tokens))
    .option('--tokens-per-week <n>', 'of today and the six days before', orNone(tokens))
    .option('--max-input-tokens <n>', 'of one call', orNone(count))
    .option('--max-output-tokens <n>', 'of one call', orNone(count))
    .option('--usd-per-day <amount>', 'since midnight, UTC', orNone(amount))
    .option('--usd-per-week <amount>', 'of today and the six days before', orNone(amount))
    .option('--usd-per-month <amount>', 'of the calendar month, UTC', orNone(amount))
    .option('--warn-percent <n>', 'from how much of a budget of money on you are warned', orNone(percent))
    .action((name: string, options: SetOptions) => setLimit(context, owners, name, withNulls(options)));
  const remove = limit
    .command('remove')
    .description('take limits away: those of all models, or those of one pattern')
    .argument(...owners.argument)
    .option('--model <pattern>', 'the pattern');
  dryOption(remove).action((name: string, options: RemoveOptions) => removeLimit(context, owners, name, options));
}

async function setLimit(context: CommandContext, { type }: Owners, name: string, options: SetOptions): Promise<void> {
  const { model: _model, ...values } = options;
  if (Object.keys(values).length === 0) throw new CommandFailed('Say which limit to set.');
  const input = { [type]: name, ...options };
  const limits = await withOperations(context, (operations) => operations.ask(`${type}Limits.set`, input, limitsView));
  context.out(shown(limits));
}

async function removeLimit(
  context: CommandContext,
  { type }: Owners,
  name: string,
  { dryRun, model }: RemoveOptions,
): Promise<void> {
  const input = { [type]: name, ...(model !== undefined && { model }) };
  const operation = `${type}Limits.remove`;
  await withOperations(context, async (operations) => {
    const dry = dryRun && (await triedDry(operations, operation, input));
    context.out(dry ?? shown(await operations.ask(operation, input, limitsView)));
  });
}

const shown = ({ scope, label, limits }: LimitsView): string =>
  [`${scope === 'key' ? 'Key' : 'Pool'} ${label}:`, ...limitLines(limits)].join('\n');

function amount(text: string): string {
  if (/^\d+(\.\d+)?$/.test(text)) return text;
  throw new InvalidArgumentError('Not an amount of USD, such as 5 or 0.25.');
}
