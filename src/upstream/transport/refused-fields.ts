import { asFields, asText, CallBody, type Fields, type GatewayError, type RoutedCall } from '../../core/index.js';

/** What protocols let a client send and many models refuse. An answer without them is still the answer. */
const OPTIONAL = ['temperature', 'top_p'] as const;
export type OptionalField = (typeof OPTIONAL)[number];

const REFUSALS: ReadonlySet<unknown> = new Set(['unsupported_parameter', 'unsupported_value']);
/** `{"detail":"Unsupported parameter: temperature"}`, and the same sentence as an error's message. */
const SENTENCE = /\bunsupported (?:parameter|value):\s*['"`]?([a-z_]+)/i;

/** How long a refusal is believed: models learn, and what one account refuses another may take. */
const BELIEVED_MS = 3_600_000;
const CAPACITY = 500;

/** Which models refuse which optional fields, as far as this process was told. */
export class RefusedFields {
  private readonly until = new Map<string, number>();

  refused(model: string, field: OptionalField, nowMs: number): void {
    const name = nameOf(model, field);
    this.until.delete(name);
    this.until.set(name, nowMs + BELIEVED_MS);
    const [oldest] = this.until.keys();
    if (this.until.size > CAPACITY && oldest !== undefined) this.until.delete(oldest);
  }

  /** What the model is known to refuse at `nowMs`. */
  of(model: string, nowMs: number): readonly OptionalField[] {
    return OPTIONAL.filter((field) => (this.until.get(nameOf(model, field)) ?? 0) > nowMs);
  }
}

const nameOf = (model: string, field: OptionalField): string => `${field} ${model.trim().toLowerCase()}`;

/**
 * Whether optional fields may be left out of a call: only where the request is ours to word. A native client's bytes are
 * its own.
 */
export const mayLeaveOut = ({ dialect, operation }: RoutedCall): boolean =>
  dialect !== 'codex-backend' && operation === 'responses';

/** The optional field that a refusal is about; `undefined` when it is about anything else. */
export function refusedField({ code, detail }: GatewayError): OptionalField | undefined {
  const { relay } = detail;
  const body = code === 'upstream_refused' && relay?.status === 400 ? objectIn(relay.body) : undefined;
  const field = body && namedIn(body);
  return OPTIONAL.find((each) => each === field);
}

function namedIn(body: Fields): string | undefined {
  const error = asFields(body['error']) ?? asFields(body['detail']) ?? body;
  const named = REFUSALS.has(error['code']) ? asText(error['param']) : undefined;
  const sentence = asText(error['message']) ?? asText(body['detail']);
  return named ?? SENTENCE.exec(sentence ?? '')?.[1];
}

/** The same call without these fields; `undefined` when it has none of them. */
export function withoutFields(call: RoutedCall, fields: readonly OptionalField[]): RoutedCall | undefined {
  const { bytes } = call.body;
  // A body is long and most have neither: parsed only when the name is in it at all.
  if (!fields.some((field) => bytes.includes(`"${field}"`))) return undefined;
  const body = objectIn(bytes);
  if (body === undefined || !fields.some((field) => field in body)) return undefined;
  const kept = Object.entries(body).filter(([name]) => !fields.some((field) => field === name));
  return { ...call, body: new CallBody(Buffer.from(JSON.stringify(Object.fromEntries(kept)))) };
}

function objectIn(bytes: Buffer): Fields | undefined {
  try {
    return asFields(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}
