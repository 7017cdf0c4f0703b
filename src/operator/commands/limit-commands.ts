import { InvalidArgumentError, type Command } from 'commander';
import type { AuditTarget } from '../../audit/index.js';
import {
  KeyAdminService,
  PoolService,
  UsageLimitService,
  type LimitOwner,
  type LimitValues,
} from '../../auth/index.js';
import { usdOf, type UsageLimit } from '../../core/index.js';
import { audited } from './audited.js';
import { CommandFailed, withServices, type CommandContext, type Services } from './context.js';
import { orNone, withNulls } from './none.js';
import { poolOf } from './pool-of.js';
import { keyTarget, poolTarget } from './targets.js';
import { wholeNumber } from './whole-number.js';

interface SetOptions extends LimitValues {
  readonly model?: string;
}

/** Whose limits a command is about: how they are found, and what they are called. */
interface Owners {
  readonly argument: readonly [name: string, description: string];
  find(
    services: Services,
    name: string,
  ): Promise<{ readonly owner: LimitOwner; readonly words: string; readonly target: AuditTarget }>;
  readonly type: 'key' | 'pool';
}

const OF_KEYS: Owners = {
  type: 'key',
  argument: ['<key>', 'its prefix (sk-cxp-<12 hex>) or its id'],
  async find(services, name) {
    const key = await services.get(KeyAdminService).keyNamed(name);
    if (!key) throw new CommandFailed('There is no key of that prefix or id.');
    return { owner: { keyId: key.id }, words: `Key ${key.label}`, target: keyTarget(key) };
  },
};

const OF_POOLS: Owners = {
  type: 'pool',
  argument: ['<slug>', 'name of the Pool'],
  async find(services, name) {
    const pool = await poolOf(services.get(PoolService), name);
    return { owner: { poolId: pool.id }, words: `Pool ${pool.slug}`, target: poolTarget(pool) };
  },
};

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
  limit
    .command('remove')
    .description('take limits away: those of all models, or those of one pattern')
    .argument(...owners.argument)
    .option('--model <pattern>', 'the pattern')
    .action((name: string, { model }: { model?: string }) => removeLimit(context, owners, name, model));
}

async function setLimit(context: CommandContext, owners: Owners, name: string, options: SetOptions): Promise<void> {
  const { model, ...values } = options;
  if (Object.keys(values).length === 0) throw new CommandFailed('Say which limit to set.');
  const action = { action: `${owners.type}.limit.set`, target: { type: owners.type, id: name }, asked: options };
  await audited(context, action, async (services, trail) => {
    const { owner, words, target } = await owners.find(services, name);
    const limits = services.get(UsageLimitService);
    trail.about(target);
    trail.before(await limits.limitsOf(owner));
    await limits.setLimit(owner, values, model);
    const after = await limits.limitsOf(owner);
    trail.after(after);
    context.out([`${words}:`, ...limitLines(after)].join('\n'));
  });
}

async function removeLimit(context: CommandContext, owners: Owners, name: string, model?: string): Promise<void> {
  const action = { action: `${owners.type}.limit.remove`, target: { type: owners.type, id: name }, asked: { model } };
  await audited(context, action, async (services, trail) => {
    const { owner, words, target } = await owners.find(services, name);
    const limits = services.get(UsageLimitService);
    trail.about(target);
    trail.before(await limits.limitsOf(owner));
    if (!(await limits.removeLimit(owner, model))) throw new CommandFailed(`${words} has no such limit.`);
    context.out([`${words}:`, ...limitLines(await limits.limitsOf(owner))].join('\n'));
  });
}

function amount(text: string): string {
  if (/^\d+(\.\d+)?$/.test(text)) return text;
  throw new InvalidArgumentError('Not an amount of USD, such as 5 or 0.25.');
}

const COUNTS = {
  requestsPerMinute: 'requests per minute',
  tokensPerDay: 'tokens per day',
  tokensPerWeek: 'tokens per week',
  maxInputTokens: 'input tokens per call',
  maxOutputTokens: 'output tokens per call',
} as const;
const BUDGETS = {
  nanoUsdPerDay: 'USD per day',
  nanoUsdPerWeek: 'USD per week',
  nanoUsdPerMonth: 'USD per month',
} as const;

/** Limits for people, one set of them a line. */
export function limitLines(limits: readonly UsageLimit[]): readonly string[] {
  if (limits.length === 0) return ['  no limits'];
  return limits.map((limit) => {
    const said = [
      ...wordsOf(COUNTS, limit, String),
      ...wordsOf(BUDGETS, limit, usdOf),
      ...(limit.warnPercent === undefined ? [] : [`warned from ${limit.warnPercent} % on`]),
    ];
    return `  ${limit.model ?? 'all models'}: ${said.join(', ')}`;
  });
}

const wordsOf = <Name extends keyof UsageLimit>(
  words: Readonly<Record<Name, string>>,
  limit: UsageLimit,
  text: (value: number) => string,
): readonly string[] =>
  (Object.entries(words) as [Name, string][]).flatMap(([name, word]) => {
    const value = limit[name];
    return typeof value === 'number' ? [`${text(value)} ${word}`] : [];
  });
