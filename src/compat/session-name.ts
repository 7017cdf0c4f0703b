import type { IncomingHttpHeaders } from 'node:http';

/** In this order, the first that is not blank names the session: what real Codex CLIs send, then older clients. */
const SESSION = [
  'session-id',
  'session_id',
  'thread-id',
  'x-codex-window-id',
  'x-codex-session-id',
  'x-session-id',
  'x-session-affinity',
  'x-codex-conversation-id',
] as const;

/** The client's own name for its session; `undefined` when no header carries one. */
export function sessionOf(headers: IncomingHttpHeaders): string | undefined {
  for (const name of SESSION) {
    const value = headers[name];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return undefined;
}
