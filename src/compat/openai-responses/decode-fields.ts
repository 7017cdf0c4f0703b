import { asFields, type Fields } from '../../core/index.js';
import { invalid, unsupported } from '../translation/checks/invalid.js';
import { SUBAGENT_FIELDS } from '../translation/subagent-headers.js';
import { isList, isNamed, isObject, isString, type Check } from './item-shape.js';

const isBoolean: Check = (given) => typeof given === 'boolean';
const isNumber: Check = (given) => typeof given === 'number';
const isCount: Check = (given) => Number.isSafeInteger(given) && Number(given) > 0;
const isOneOf =
  (...words: readonly string[]): Check =>
  (given) =>
    words.some((word) => word === given);
const isOnly =
  (fields: Readonly<Record<string, Check>>): Check =>
  (given) => {
    const object = asFields(given);
    const names = Object.keys(object ?? {});
    return object !== undefined && names.every((name) => Object.hasOwn(fields, name) && fields[name]?.(object[name]));
  };

/** Of what a model may be asked, the plain values: what they must be, and how that is said. */
const SCALARS: Readonly<Record<string, readonly [check: Check, shape: string]>> = {
  instructions: [isString, 'a string'],
  stream: [isBoolean, 'a boolean'],
  parallel_tool_calls: [isBoolean, 'a boolean'],
  metadata: [isObject, 'an object'],
  client_metadata: [isObject, 'an object'],
  include: [isList(isString), 'a list of strings'],
  prompt_cache_key: [isString, 'a string'],
  prompt_cache_retention: [isString, 'a string'],
  safety_identifier: [isString, 'a string'],
  user: [isString, 'a string'],
  temperature: [isNumber, 'a number'],
  top_p: [isNumber, 'a number'],
  max_output_tokens: [isCount, 'a positive integer'],
  moderation: [
    (given) => isOnly({ model: isNamed })(given) && isNamed(asFields(given)?.['model']),
    'an object with a model',
  ],
  service_tier: [
    isOneOf('auto', 'default', 'fast', 'flex', 'priority', 'scale', 'ultrafast'),
    'one of auto, default, fast, flex, priority, scale, ultrafast',
  ],
  stream_options: [isOnly({ include_obfuscation: isBoolean }), 'an object with include_obfuscation'],
  truncation: [isOneOf('auto', 'disabled'), 'one of auto, disabled'],
};
/** What has a reader of its own, or may be anything. */
const OTHERS: readonly string[] = [
  'input',
  'model',
  'previous_response_id',
  'prompt_cache_options',
  'reasoning',
  'store',
  'text',
  'tool_choice',
  'tools',
  ...SUBAGENT_FIELDS,
];
/** What cannot be honoured, and the value besides `null` that asks for nothing. Source: runtime contract §10.2.1. */
const NOT_SERVED: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['logprobs', false],
  ['top_logprobs', 0],
  ['background', false],
  ['context_management', undefined],
  ['conversation', undefined],
  ['max_tool_calls', undefined],
  ['prompt', undefined],
]);
const FIRST = ['logprobs', 'top_logprobs'] as const;
const KNOWN: ReadonlySet<string> = new Set([...Object.keys(SCALARS), ...OTHERS, ...NOT_SERVED.keys()]);

/** @throws GatewayError `unsupported_parameter` for log probabilities, then for a field that is not known */
export function requireKnownFields(body: Fields): void {
  for (const name of FIRST) requireHonourable(body, name);
  const unknown = Object.keys(body).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw unsupported(unknown);
}

/** @throws GatewayError `unsupported_parameter` for a field that is known but not served */
export function requireServedFields(body: Fields): void {
  for (const name of NOT_SERVED.keys()) requireHonourable(body, name);
  const options = body['prompt_cache_options'];
  if (isSaid(options) && !isOnly({ mode: isOneOf('implicit', 'explicit'), ttl: isOneOf('30m') })(options)) {
    throw invalid('prompt_cache_options', 'prompt_cache_options takes a mode, implicit or explicit, and the ttl 30m');
  }
}

function requireHonourable(body: Fields, name: string): void {
  if (isSaid(body[name]) && body[name] !== NOT_SERVED.get(name)) throw unsupported(name);
}

/** The plain values that were said. @throws GatewayError `invalid_request` with the field that is wrong */
export function scalarFields(body: Fields): Fields {
  const said = Object.entries(SCALARS).filter(([name]) => isSaid(body[name]));
  for (const [name, [isRight, shape]] of said) {
    if (!isRight(body[name])) throw invalid(name, `${name} must be ${shape}`);
  }
  return Object.fromEntries(said.map(([name]) => [name, body[name]]));
}

/** What the request goes on from. @throws GatewayError `invalid_request` with param `previous_response_id` */
export function previousResponseId({ previous_response_id: given }: Fields): string | undefined {
  if (!isSaid(given)) return undefined;
  if (typeof given === 'string' && isNamed(given)) return given;
  throw invalid('previous_response_id', 'previous_response_id must be the id of a response');
}

const isSaid = (value: unknown): boolean => value !== undefined && value !== null;
