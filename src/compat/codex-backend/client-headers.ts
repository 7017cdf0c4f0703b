import type { IncomingHttpHeaders } from 'node:http';

/** What a Codex client says about itself and its turn; goes upstream as it came. */
const OWN = new Set([
  'originator',
  'user-agent',
  'version',
  'session-id',
  'session_id',
  'thread-id',
  'x-client-request-id',
  'x-openai-subagent',
  'x-openai-memgen-request',
  'x-openai-internal-codex-responses-lite',
  'openai-beta',
]);
const CODEX = /^x-codex-[a-z0-9-]+$/;

/**
 * The client headers that go upstream unchanged. Everything else stays here: credentials, cookies, account ids,
 * forwarding headers, whatever a proxy added, and what `connection` names as meant for this hop only.
 */
export function clientHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const own: Record<string, string> = {};
  const hop = (headers.connection ?? '').toLowerCase().split(/[\s,]+/);
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string' && (OWN.has(name) || CODEX.test(name)) && !hop.includes(name)) own[name] = value;
  }
  return own;
}
