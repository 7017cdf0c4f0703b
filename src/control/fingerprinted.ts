import { hash } from 'node:crypto';

const FINGERPRINT_DIGITS = 12;

/** Tells two secrets apart, and nothing else: the first 12 hex digits of its SHA-256. */
const fingerprint = (secret: unknown): string =>
  `sha256:${hash('sha256', JSON.stringify(secret), 'hex').slice(0, FINGERPRINT_DIGITS)}`;

/** The same with fingerprints in the place of what is secret, at any depth. */
export function fingerprinted(value: unknown, secrets: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((each) => fingerprinted(each, secrets));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      secrets.has(name) && field !== undefined && field !== null ? fingerprint(field) : fingerprinted(field, secrets),
    ]),
  );
}
