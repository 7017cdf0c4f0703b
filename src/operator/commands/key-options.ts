import { InvalidArgumentError, type Command } from 'commander';
import { EFFORT_MODES, REASONING_EFFORTS, SERVICE_TIERS, type EffortRule } from '../../core/index.js';
import { orNone, withNulls } from './none.js';
import { wholeNumber } from './whole-number.js';

const concurrency = wholeNumber(1, 100_000);
const TIERS = [...SERVICE_TIERS, 'fast'] as const;

/** What the options of `key create` and `key set` say. `none` takes away. */
export interface PolicyOptions {
  readonly expires?: Date | null;
  readonly model?: readonly string[];
  readonly alias?: readonly string[];
  readonly forcedModel?: string | null;
  readonly effort?: EffortRule | null;
  readonly serviceTier?: (typeof TIERS)[number] | null;
  readonly address?: readonly string[];
  readonly maxConcurrent?: number | null;
}

export function policyOptions(command: Command): Command {
  return command
    .option('--expires <when>', 'ISO 8601 time after which it is refused', orNone(instant))
    .option('--model <pattern>', 'a model it may ask for, * for anything, repeatable; without any: all', oneMore)
    .option('--alias <pattern=model>', 'a name it asks for, * for anything, and what serves it; repeatable', oneMore)
    .option('--forced-model <model>', 'in place of whatever model is asked for')
    .option('--effort <mode=value>', 'always=…, up_to=… or clamp=… with a reasoning effort', orNone(effortRule))
    .option('--service-tier <tier>', `in place of whatever tier is asked for: ${TIERS.join(', ')}`, orNone(tier))
    .option('--address <cidr>', 'an address or CIDR block it may be used from, repeatable', oneMore)
    .option('--max-concurrent <n>', 'calls at once', orNone(concurrency));
}

/** The same as operations take it. */
export interface PolicyInput extends Pick<PolicyOptions, 'forcedModel' | 'effort' | 'serviceTier' | 'maxConcurrent'> {
  readonly expiresAt?: string | null;
  readonly allowedModels?: readonly string[] | null;
  readonly modelAliases?: readonly (readonly [pattern: string, model: string])[] | null;
  readonly allowedAddresses?: readonly string[] | null;
}

/** Whether it makes sense is found out where it is kept. */
export function policyOf(options: PolicyOptions): PolicyInput {
  const { expires, model, alias, forcedModel, effort, serviceTier, address, maxConcurrent } =
    withNulls<PolicyOptions>(options);
  const said = {
    expiresAt: expires && expires.toISOString(),
    allowedModels: listOf(model),
    modelAliases: listOf(alias)?.map(pairIn) ?? (alias === undefined ? undefined : null),
    forcedModel,
    effort,
    serviceTier,
    allowedAddresses: listOf(address),
    maxConcurrent,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

const listOf = (given: readonly string[] | undefined): readonly string[] | null | undefined =>
  given?.length === 1 && given[0] === 'none' ? null : given;

const oneMore = (one: string, before: readonly string[] = []): readonly string[] => [...before, one];

export function instant(text: string): Date {
  const when = new Date(text);
  if (Number.isNaN(when.getTime())) throw new InvalidArgumentError('Not a time, such as 2027-01-31T00:00:00Z.');
  return when;
}

function effortRule(text: string): EffortRule {
  const [given, value] = text.split('=');
  const mode = EFFORT_MODES.find((one) => one === given);
  const effort = REASONING_EFFORTS.find((one) => one === value);
  if (mode && effort) return { mode, effort };
  throw new InvalidArgumentError(
    `Not a rule, such as up_to=medium: ${EFFORT_MODES.join(', ')} with ${REASONING_EFFORTS.join(', ')}.`,
  );
}

function tier(text: string): (typeof TIERS)[number] {
  const known = TIERS.find((one) => one === text);
  if (known) return known;
  throw new InvalidArgumentError(`Not one of ${TIERS.join(', ')}.`);
}

function pairIn(text: string): readonly [string, string] {
  const at = text.lastIndexOf('=');
  return at < 1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
