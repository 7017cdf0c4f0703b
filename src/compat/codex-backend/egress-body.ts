import type { RoutedCall } from '../../core/index.js';

/**
 * Fields that the ChatGPT backend answers with 400 and no Codex client sends; SDKs pointed at the native route do.
 * Source: public reports gathered in runtime contract §6.3, §18.
 */
const REFUSED = [
  'max_output_tokens',
  'temperature',
  'top_p',
  'prompt_cache_retention',
  'prompt_cache_options',
  'safety_identifier',
  'truncation',
] as const;

/** The spelling that the backend takes; `undefined` drops the field, which means the same. */
const SERVICE_TIER: Record<string, string | undefined> = { fast: 'priority', auto: undefined, default: undefined };
const EFFORT: Record<string, string> = { minimal: 'low', ultra: 'max' };

type AskedApart = Pick<RoutedCall, 'askedEffort' | 'maxOutputTokens'>;

type Fields = Readonly<Record<string, unknown>>;
/** What to put in a field's place; an `undefined` value drops it. */
type Edits = Map<string, unknown>;

/**
 * The bytes that go upstream: the client's own when nothing has to change, else the edited object.
 *
 * @param wanted the object as it should be sent, before the edits here
 * @param body   the object as the client sent it
 * @param bytes  what `body` was parsed from
 */
export function egressBody(wanted: Fields, body: Fields, bytes: Buffer, transport: RoutedCall['transport']): Buffer {
  const edits = editsFor(wanted);
  if ('previous_response_id' in wanted && !continuesUpstream(wanted, transport)) {
    edits.set('previous_response_id', undefined);
  }
  if (wanted === body && edits.size === 0) return bytes;
  const edited = Object.entries(wanted).flatMap(([name, value]): [string, unknown][] => {
    if (!edits.has(name)) return [[name, value]];
    const replacement = edits.get(name);
    return replacement === undefined ? [] : [[name, replacement]];
  });
  return Buffer.from(JSON.stringify(Object.fromEntries(edited)));
}

/**
 * Whether the response that a request goes on from is named to the upstream. Over HTTP nothing is stored there, so there
 * is nothing to continue; a tool result still names its call.
 */
export const continuesUpstream = ({ input }: Fields, transport: RoutedCall['transport']): boolean =>
  transport === 'websocket' || hasToolResult(input);

/** What a body asks for that the backend has another word for, or refuses to hear. */
export function askedApart({ reasoning, max_output_tokens: most }: Fields): AskedApart {
  const effort = isObject(reasoning) ? reasoning['effort'] : undefined;
  return {
    ...(typeof effort === 'string' && effort in EFFORT ? { askedEffort: effort } : {}),
    ...(Number.isSafeInteger(most) && Number(most) > 0 ? { maxOutputTokens: Number(most) } : {}),
  };
}

function editsFor(body: Fields): Edits {
  const edits: Edits = new Map();
  for (const name of REFUSED) if (name in body) edits.set(name, undefined);
  const tier = body['service_tier'];
  if (typeof tier === 'string' && tier in SERVICE_TIER) edits.set('service_tier', SERVICE_TIER[tier]);
  const reasoning = body['reasoning'];
  const effort = isObject(reasoning) ? reasoning['effort'] : undefined;
  if (isObject(reasoning) && typeof effort === 'string' && effort in EFFORT) {
    edits.set('reasoning', { ...reasoning, effort: EFFORT[effort] });
  }
  return edits;
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasToolResult = (input: unknown): boolean =>
  Array.isArray(input) &&
  input.some(
    (item: unknown) =>
      isObject(item) &&
      typeof item['call_id'] === 'string' &&
      item['call_id'].trim() !== '' &&
      ((typeof item['type'] === 'string' && item['type'].endsWith('_output')) || 'output' in item || 'result' in item),
  );
