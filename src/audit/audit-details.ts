import { sha256 } from '../platform/crypto/index.js';
import { canonicalJson } from './canonical-json.js';

declare const masked: unique symbol;

/** What was asked, and how things were before and after. Made by `auditDetails` only, so that no secret is in it. */
export type AuditDetails = object & { readonly [masked]: true };

/** Tells two secrets apart, and nothing else: `sha256:` and the first 12 hex digits of it. */
export type Fingerprint = `sha256:${string}`;

const DIGITS = 12;
/** A text of somebody's is cut: who wants to fill the table has to be busy. */
const TEXT_LIMIT = 1_000;
const DEPTH_LIMIT = 8;

/** Names of fields that hold secrets wherever they are. */
const SECRET_NAME =
  /^(?:secret|token|api_?key|password|digest|auth_?json|authorization|cookie|(?:access|refresh|id)_?token|signing_?secret|callback|code_?verifier)$/i;
/** What looks like a credential is one, under any name: ours, a provider's key, a JSON web token, a URL with a password. */
const SECRET_TEXT =
  /(?:sk|opr|mcp)-cxp-[0-9a-f]{12}-[\w-]{20,}|\bsk-[\w-]{20,}|\beyJ[\w-]{8,}\.[\w-]{8,}|\bbearer\s+\S|:\/\/[^/\s@]*:[^/\s@]*@/i;

export const fingerprint = (secret: string): Fingerprint => `sha256:${sha256(secret).toString('hex').slice(0, DIGITS)}`;

/**
 * Anything as it may stand in the audit: secrets are fingerprints, texts are short, and all of it is JSON.
 *
 * @param secrets names of fields that hold secrets, beside those that always do
 */
export const auditDetails = (given: object, secrets: ReadonlySet<string> = new Set()): AuditDetails =>
  (plain(given, secrets, 0) ?? {}) as AuditDetails;

function plain(value: unknown, secrets: ReadonlySet<string>, depth: number): unknown {
  if (typeof value === 'object' && value !== null) return plainObject(value, secrets, depth);
  if (typeof value === 'string') return text(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'boolean' || value === null ? value : undefined;
}

function plainObject(value: object, secrets: ReadonlySet<string>, depth: number): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Buffer.isBuffer(value)) return fingerprint(value.toString('base64'));
  if (depth >= DEPTH_LIMIT) return '…';
  if (value instanceof Set) return plainObject([...value], secrets, depth);
  if (Array.isArray(value)) return value.map((each) => plain(each, secrets, depth + 1) ?? null);
  const fields = Object.entries(value).map(([name, field]): [string, unknown] => [
    text(name),
    isSecret(name, secrets) ? hidden(field) : plain(field, secrets, depth + 1),
  ]);
  return Object.fromEntries(fields.filter(([, field]) => field !== undefined));
}

const isSecret = (name: string, secrets: ReadonlySet<string>): boolean => SECRET_NAME.test(name) || secrets.has(name);

function hidden(field: unknown): unknown {
  if (field === undefined || field === null || typeof field === 'boolean') return field;
  if (typeof field === 'string' && /^sha256:[0-9a-f]{12}$/.test(field)) return field;
  return fingerprint(typeof field === 'string' ? field : canonicalJson(field));
}

/** PostgreSQL takes no NUL and no half of a surrogate pair. */
function text(given: string): string {
  if (SECRET_TEXT.test(given)) return fingerprint(given);
  const short = given.length > TEXT_LIMIT ? `${given.slice(0, TEXT_LIMIT)}…` : given;
  return short.replace(/\0|\p{Surrogate}/gu, '\uFFFD');
}
