import { asFields, type Fields, type PoolPolicy, type RoutedCall } from '../../core/index.js';
import type { ModelFacts } from './model-facts.js';

/** A Responses request as a dialect puts it: what the client asked for, and nothing that it did not. */
export interface WantedResponse {
  readonly model: string;
  readonly input: readonly unknown[];
  readonly instructions?: string;
  /** What instructs the model stands in the input, or the upstream holds it: there are no instructions beside it. */
  readonly bare?: true;
  /** Every other field of a Responses request. */
  readonly fields: Fields;
}

/** When neither client, Pool nor catalog has any: the backend refuses a request without. */
export const NEUTRAL_INSTRUCTIONS = 'You are a helpful assistant.';
const ENCRYPTED_REASONING = 'reasoning.encrypted_content';
/** What the backend refuses, or what is between the client and us. Source: runtime contract §6.3, §10.2.1. */
const LEFT_OUT = [
  'background',
  'generate',
  'max_output_tokens',
  'metadata',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'truncation',
  'type',
  'user',
] as const;
const SERVICE_TIER: Readonly<Record<string, string | undefined>> = {
  fast: 'priority',
  auto: undefined,
  default: undefined,
};
/** What the backend calls a level that its models do not list. */
const EFFORT: Readonly<Record<string, string>> = { minimal: 'low', ultra: 'max' };

/**
 * The bytes that go upstream for a translated request: the client's own values, and the backend's defaults where it was
 * silent. Always a stream, never stored.
 */
export function responsesBody(
  wanted: WantedResponse,
  facts: ModelFacts,
  pool: Pick<PoolPolicy, 'defaultInstructions' | 'droppedParams'>,
): Buffer {
  const { model, input, fields } = wanted;
  const own = Object.entries(fields).filter(([name, value]) => value !== undefined && !isLeftOut(name, pool));
  const body = {
    model,
    instructions: wanted.bare === true ? undefined : instructionsFor(wanted, facts, pool),
    input,
    tool_choice: 'auto',
    parallel_tool_calls: true,
    ...Object.fromEntries(own),
    reasoning: reasoningOf(fields['reasoning'], facts),
    text: textOf(fields['text'], facts),
    include: includeOf(fields['include']),
    service_tier: tierOf(fields['service_tier']),
    store: false,
    stream: true,
  };
  return Buffer.from(JSON.stringify(body));
}

/** What a request asks for that the backend has another word for, or refuses to hear. */
export function askedApart({ fields }: WantedResponse): Pick<RoutedCall, 'askedEffort' | 'maxOutputTokens'> {
  const effort = asFields(fields['reasoning'])?.['effort'];
  const most = fields['max_output_tokens'];
  return {
    ...(typeof effort === 'string' && effort in EFFORT ? { askedEffort: effort } : {}),
    ...(Number.isSafeInteger(most) && Number(most) > 0 ? { maxOutputTokens: Number(most) } : {}),
  };
}

const instructionsFor = (
  { instructions }: WantedResponse,
  { baseInstructions }: ModelFacts,
  { defaultInstructions }: Pick<PoolPolicy, 'defaultInstructions'>,
): string => firstText(instructions, defaultInstructions, baseInstructions) ?? NEUTRAL_INSTRUCTIONS;

const isLeftOut = (name: string, { droppedParams }: Pick<PoolPolicy, 'droppedParams'>): boolean =>
  LEFT_OUT.some((left) => left === name) || droppedParams.has(name);

const firstText = (...texts: readonly (string | undefined)[]): string | undefined =>
  texts.find((text) => text !== undefined && text.trim() !== '');

function reasoningOf(given: unknown, { efforts, supportsSummaries }: ModelFacts): Fields {
  const { summary, effort, ...rest } = asFields(given) ?? {};
  const known = typeof effort === 'string' && efforts?.has(effort) !== true ? (EFFORT[effort] ?? effort) : effort;
  return {
    ...rest,
    ...(known === undefined || known === null ? {} : { effort: known }),
    ...(summary === undefined || summary === null || supportsSummaries === false ? {} : { summary }),
  };
}

function textOf(given: unknown, { supportsVerbosity }: ModelFacts): Fields | undefined {
  const text = asFields(given);
  if (supportsVerbosity === false) return text;
  return { verbosity: 'low', ...text };
}

function includeOf(given: unknown): readonly unknown[] {
  const wanted = Array.isArray(given) ? (given as unknown[]) : [];
  return [...wanted.filter((entry) => entry !== ENCRYPTED_REASONING), ENCRYPTED_REASONING];
}

function tierOf(given: unknown): unknown {
  if (given === null) return undefined;
  return typeof given === 'string' && given in SERVICE_TIER ? SERVICE_TIER[given] : given;
}
