import { asFields, asText, type AccountId } from '../../core/index.js';
import type { Home } from './known.js';

/** So many threads of one session can have moved, each with a beginning of its own. */
const MOST_BEGINNINGS = 8;

/** A home as it is kept. */
export const homeRecord = ({ id, atMs, since }: Omit<Home, 'sure'>): string =>
  JSON.stringify({ id, atMs, ...(since === undefined ? {} : { since: since.slice(-MOST_BEGINNINGS) }) });

/** @returns undefined for what is no record of ours */
export function readHome(record: string | undefined): Omit<Home, 'sure'> | undefined {
  if (record === undefined) return undefined;
  const fields = asFields(parsed(record));
  const id = asText(fields?.['id']);
  const atMs = fields?.['atMs'];
  if (id === undefined || typeof atMs !== 'number') return undefined;
  const since: unknown = fields?.['since'];
  const digests = Array.isArray(since)
    ? since.filter((digest): digest is string => typeof digest === 'string')
    : undefined;
  return { id: id as AccountId, atMs, ...(digests === undefined ? {} : { since: digests }) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
