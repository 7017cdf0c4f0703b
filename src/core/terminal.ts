import type { ResponseEvent } from './events.js';

/** How a response ended, and what its last event says about it. */
export interface TerminalKind {
  /** `incomplete` is an answer too: it was cut for an ordinary reason such as `max_output_tokens`. */
  readonly outcome: 'completed' | 'incomplete' | 'failed';
  /** The provider's code of a failure, only when it is a safe token: provider text never gets through here. */
  readonly errorCode?: string;
  /** `error.type`, under the same rule; some failures (`usage_limit_reached`) have no code. */
  readonly errorType?: string;
  /** The HTTP status that a failure frame carries, 400–599. */
  readonly status?: number;
  readonly response?: Readonly<Record<string, unknown>>;
  /** The usage object as the provider sent it, whatever the outcome. */
  readonly usage?: unknown;
  readonly model?: string;
  readonly serviceTier?: string;
}

type Json = Readonly<Record<string, unknown>>;

const SAFE_TOKEN = /^[A-Za-z0-9_.-]{1,80}$/;
const FAILURES: ReadonlySet<string> = new Set(['response.failed', 'error']);
const ANSWERS: ReadonlySet<string> = new Set(['response.completed', 'response.done', 'response.incomplete']);
const FINAL_STATUSES: ReadonlySet<unknown> = new Set([
  undefined,
  null,
  'completed',
  'incomplete',
  'failed',
  'cancelled',
]);

/**
 * The terminal that an event is, `undefined` for every other event. Only terminal types and blocks without a type are
 * parsed. A terminal whose JSON cannot be read counts only when it is a failure: half an answer is never a finished one.
 */
export function terminalOf(event: ResponseEvent): TerminalKind | undefined {
  const { type } = event;
  const isFailure = FAILURES.has(type);
  if (type !== '' && !isFailure && !ANSWERS.has(type)) return undefined;
  const json = asObject(event.json());
  if (json === undefined) return isFailure ? { outcome: 'failed' } : undefined;
  const response = asObject(json['response']) ?? (isBareResponse(json) ? json : undefined);
  if (isFailure) return describe('failed', json, response);
  if (type === '') return typeless(json, response);
  return describe(outcomeOf(type, json, response), json, response);
}

function typeless(json: Json, response: Json | undefined): TerminalKind | undefined {
  if (isSet(json['error']) || isSet(json['detail'])) return describe('failed', json, response);
  const isResponse = response !== undefined && FINAL_STATUSES.has(response['status']) && hasSubstance(response);
  return isResponse ? describe(outcomeOf('', json, response), json, response) : undefined;
}

function outcomeOf(type: string, json: Json, response: Json | undefined): TerminalKind['outcome'] {
  const status = response?.['status'];
  if (status === 'failed' || status === 'cancelled') return 'failed';
  if (type === 'response.incomplete' || status === 'incomplete') {
    return codesOf(json, response).some(isSet) ? 'failed' : 'incomplete';
  }
  if (status === 'completed') return 'completed';
  return isSet(json['error']) || isSet(response?.['error']) ? 'failed' : 'completed';
}

const describe = (outcome: TerminalKind['outcome'], json: Json, response: Json | undefined): TerminalKind => ({
  outcome,
  ...(outcome === 'failed' && failureIn(json, response)),
  ...contentOf(json, response),
});

function failureIn(json: Json, response: Json | undefined): Pick<TerminalKind, 'errorCode' | 'errorType' | 'status'> {
  const errorCode = codesOf(json, response).find(isSafeToken);
  const errorType = errorsOf(json, response)
    .map((error) => error?.['type'])
    .find(isSafeToken);
  const status = [json['status'], json['status_code']].find(isErrorStatus);
  return {
    ...(errorCode !== undefined && { errorCode }),
    ...(errorType !== undefined && { errorType }),
    ...(status !== undefined && { status }),
  };
}

function contentOf(json: Json, response: Json | undefined): Omit<TerminalKind, 'outcome'> {
  const usage = response?.['usage'] ?? json['usage'];
  const model = shortText(response?.['model']);
  const serviceTier = shortText(response?.['service_tier']);
  return {
    ...(response !== undefined && { response }),
    ...(isSet(usage) && { usage }),
    ...(model !== undefined && { model }),
    ...(serviceTier !== undefined && { serviceTier }),
  };
}

/** Nested first: that is the code the provider means. */
const errorsOf = (json: Json, response: Json | undefined): readonly (Json | undefined)[] => [
  asObject(response?.['error']),
  asObject(json['error']),
];

const codesOf = (json: Json, response: Json | undefined): readonly unknown[] => [
  ...errorsOf(json, response).map((error) => error?.['code']),
  json['code'],
];

/** An object that is itself a response. An id alone does not make one: a cut stream must not look finished. */
const isBareResponse = (json: Json): boolean =>
  Array.isArray(json['output']) || (typeof json['id'] === 'string' && json['object'] === 'response');

const hasSubstance = (response: Json): boolean =>
  Array.isArray(response['output']) || typeof response['id'] === 'string' || response['status'] === 'completed';

/** `"error": null` and its empty relatives mean that there is no error. */
const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== false && value !== '';

const isSafeToken = (value: unknown): value is string => typeof value === 'string' && SAFE_TOKEN.test(value);

const isErrorStatus = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 400 && value <= 599;

const shortText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= 200 ? value : undefined;

const asObject = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
