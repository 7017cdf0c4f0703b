import { asFields, type Fields } from '../../core/index.js';
import { invalid, unsupported } from '../translation/checks/invalid.js';
import type { ChatShape } from './chat-shape.js';

/** As OpenAI's own. */
const MAX_CHOICES = 128;
const MAX_STOPS = 4;
const TIERS: ReadonlySet<unknown> = new Set(['auto', 'default', 'fast', 'flex', 'priority', 'scale']);
const STREAM_OPTIONS: ReadonlySet<string> = new Set(['include_usage', 'include_obfuscation']);

type Check = (value: unknown) => boolean;

const isBoolean: Check = (value) => typeof value === 'boolean';
const isNumber: Check = (value) => typeof value === 'number';
const isText: Check = (value) => typeof value === 'string' && value.trim() !== '';
const isObject: Check = (value) => asFields(value) !== undefined;
const isCount: Check = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value > 0;

const SHAPES: Readonly<Record<string, readonly [check: Check, shape: string]>> = {
  client_metadata: [isObject, 'an object'],
  max_completion_tokens: [isCount, 'a positive integer'],
  max_tokens: [isCount, 'a positive integer'],
  metadata: [isObject, 'an object'],
  moderation: [(value) => isText(asFields(value)?.['model']), 'an object with a model'],
  n: [(value) => isCount(value) && Number(value) <= MAX_CHOICES, `an integer from 1 to ${MAX_CHOICES}`],
  parallel_tool_calls: [isBoolean, 'a boolean'],
  previous_response_id: [isText, 'the id of a response'],
  prompt_cache_key: [(value) => typeof value === 'string', 'a string'],
  service_tier: [(value) => TIERS.has(value), `one of ${[...TIERS].join(', ')}`],
  stop: [isStop, `a string, or a list of at most ${MAX_STOPS}`],
  store: [isBoolean, 'a boolean'],
  stream: [isBoolean, 'a boolean'],
  stream_options: [isObject, 'an object'],
  temperature: [isNumber, 'a number'],
  top_p: [isNumber, 'a number'],
};

/** @throws GatewayError `invalid_request` with the first field of another shape, `unsupported_parameter` for one inside */
export function requireScalars(body: Fields): void {
  for (const [name, [isRight, shape]] of Object.entries(SHAPES)) {
    if (Object.hasOwn(body, name) && !isRight(body[name])) throw invalid(name, `${name} must be ${shape}`);
  }
  for (const [name, value] of Object.entries(asFields(body['stream_options']) ?? {})) {
    const param = `stream_options.${name}`;
    if (!STREAM_OPTIONS.has(name)) throw unsupported(param);
    if (value !== null && !isBoolean(value)) throw invalid(param, `${param} must be a boolean`);
  }
}

/** @param body whose scalars were checked */
export function shapeOf(body: Fields, model: string, legacyFunctions: boolean): ChatShape {
  const { n, stop } = body;
  const metadata = asFields(body['metadata']);
  return {
    model,
    choices: typeof n === 'number' ? n : 1,
    stops: stopsIn(stop).filter((each) => each !== ''),
    includesUsage: asFields(body['stream_options'])?.['include_usage'] === true,
    legacyFunctions,
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function isStop(given: unknown): boolean {
  if (!Array.isArray(given)) return typeof given === 'string';
  return given.length <= MAX_STOPS && given.every((each) => typeof each === 'string');
}

function stopsIn(given: unknown): readonly string[] {
  const listed: readonly unknown[] = Array.isArray(given) ? given : [given];
  return listed.filter((each) => typeof each === 'string');
}
