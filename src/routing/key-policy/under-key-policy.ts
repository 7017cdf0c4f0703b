import {
  asFields,
  CallBody,
  type Fields,
  type Operation,
  type Principal,
  type ReasoningEffort,
  type RoutedCall,
  type ServiceTier,
} from '../../core/index.js';
import { effortOfKey } from './effort-of-key.js';
import type { ModelEfforts } from './model-efforts.js';
import { callModel } from './model-of-key.js';

/** Whose bodies are Responses requests. */
const RESPONSES: ReadonlySet<Operation> = new Set(['responses', 'compact', 'compaction']);
/** The spellings that the upstream takes. Source: runtime contract §6.3. */
const EFFORT: Readonly<Partial<Record<ReasoningEffort, ReasoningEffort>>> = { minimal: 'low', ultra: 'max' };
const TIER: Readonly<Partial<Record<ServiceTier, undefined>>> = { auto: undefined, default: undefined };

/** What to put in a field's place; an `undefined` value drops it. */
type Edits = Map<string, unknown>;

/**
 * A call as its key lets it go on: with the model, the reasoning effort and the service tier that the key's rules say.
 * The call itself, and its bytes the client's own, where they change nothing.
 *
 * @param known what the model that serves it knows of efforts
 * @throws GatewayError `model_not_allowed`, `reasoning_effort_not_allowed`
 */
export function underKeyPolicy(call: RoutedCall, caller: Principal, known: ModelEfforts = {}): RoutedCall {
  const model = callModel(call, caller);
  const isResponse = RESPONSES.has(call.operation);
  if (model === call.model && !(isResponse && (caller.effort ?? caller.serviceTier))) return call;
  const body = fieldsIn(call.body);
  const edits: Edits = new Map(model === call.model ? [] : [['model', model]]);
  if (body && isResponse) {
    rule(edits, 'reasoning', reasoningUnder(caller, body, call, known), body);
    rule(edits, 'service_tier', tierUnder(caller, body, call), body);
  }
  if (edits.size === 0) return call;
  return { ...call, model, ...(body ? { body: edited(body, edits, call.body) } : {}) };
}

function rule(edits: Edits, name: string, value: unknown, body: Fields): void {
  if (value !== body[name]) edits.set(name, value);
}

function reasoningUnder({ effort: given }: Principal, body: Fields, call: RoutedCall, known: ModelEfforts): unknown {
  const before = body['reasoning'];
  if (given === undefined) return before;
  const reasoning = asFields(before);
  const said = reasoning?.['effort'];
  const asked = call.askedEffort ?? (typeof said === 'string' ? said : undefined);
  const effort = effortOfKey(given, asked?.trim().toLowerCase(), known);
  if (effort === undefined) return before;
  const spelled = EFFORT[effort] ?? effort;
  return spelled === said ? before : { ...reasoning, effort: spelled };
}

function tierUnder({ serviceTier }: Principal, body: Fields, { operation }: RoutedCall): unknown {
  const before = body['service_tier'];
  // What older clients fold a conversation with knows none by itself.
  if (serviceTier === undefined || (operation === 'compact' && before === undefined)) return before;
  return serviceTier in TIER ? undefined : serviceTier;
}

function edited(body: Fields, edits: Edits, origin: CallBody): CallBody {
  // What is undefined is no part of JSON.
  const whole = Object.fromEntries([...Object.entries(body), ...edits]);
  return new CallBody(Buffer.from(JSON.stringify(whole)), origin);
}

/** `undefined` for what is no JSON object, such as the body of a call that is only asked about. */
function fieldsIn({ bytes }: CallBody): Fields | undefined {
  try {
    return asFields(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}
