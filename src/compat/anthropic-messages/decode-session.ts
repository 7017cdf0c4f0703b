import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { asFields, asText, type Fields, type KeyId } from '../../core/index.js';
import { sessionOf } from '../session-name.js';

const CLAUDE_CODE = 'x-claude-code-session-id';

/** The client's conversation: what routing keeps together, and what the backend's prompt cache is keyed by. */
export interface Conversing {
  readonly session?: string;
  readonly cacheKey?: string;
}

/**
 * An explicit `prompt_cache_key` is used as it is. What a client says only for itself is hashed, and with its key: two
 * callers who name their conversation alike share nothing upstream.
 */
export function conversing(body: Fields, headers: IncomingHttpHeaders, keyId: KeyId): Conversing {
  const explicit = asText(asText(body['prompt_cache_key'])?.trim());
  const own = headerOf(headers[CLAUDE_CODE]) ?? sessionOf(headers) ?? asText(asFields(body['metadata'])?.['user_id']);
  const said = explicit ?? (own === undefined ? sessionIn(body['client_metadata']) : undefined);
  const session = own ?? said;
  if (session === undefined) return {};
  return { session, cacheKey: said ?? hashed(`${keyId}\0${session}`) };
}

/** It goes upstream in any case, so it may name the cache as well. Source: seed-features X1. */
const sessionIn = (metadata: unknown): string | undefined => asText(asFields(metadata)?.['session_id']);

const headerOf = (given: string | readonly string[] | undefined): string | undefined =>
  typeof given === 'string' ? asText(given.trim()) : undefined;

/** As long as the ids that Codex CLIs send in its place. */
const hashed = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 32);
