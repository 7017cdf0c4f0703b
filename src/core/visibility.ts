import type { ResponseEvent } from './events.js';

/** Events that show a client nothing of the answer. */
const INVISIBLE: ReadonlySet<string> = new Set([
  'keepalive',
  'codex.rate_limits',
  'codex.response.metadata',
  'response.metadata',
  'response.created',
  'response.in_progress',
  'response.queued',
]);

/**
 * Whether the client has seen part of an answer once this event went out, so that no other account may take over.
 * Comments, `[DONE]` and blocks that are neither named nor JSON are not part of an answer.
 */
export function isVisible(event: ResponseEvent): boolean {
  return event.type === '' ? event.json() !== undefined : !INVISIBLE.has(event.type);
}
