import type { AccountAccess, RoutedCall } from '../../core/index.js';
import { callRequest, type Backend } from './request.js';

/** The upgrade that opens a websocket to the upstream. Holds secrets: never logged. */
export interface SocketRequest {
  /** `ws:` or `wss:`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An upgrade has no body, and its answer none that we would choose the form of. */
const ABOUT_BODIES = new Set(['accept', 'accept-encoding', 'content-type']);
/** Belongs to each handshake anew. */
const HANDSHAKE = /^sec-websocket-/;

/**
 * The upgrade for a websocket whose first turn is this call: as the same call over HTTP, minus what speaks of bodies.
 *
 * @see codex-cli 0.169 signed in with ChatGPT, which sends the same set
 */
export function socketRequest(
  backend: Backend,
  access: AccountAccess,
  call: RoutedCall,
  residency: string | undefined,
): SocketRequest {
  const { origin, path, headers } = callRequest(backend, access, call, residency);
  const own = Object.entries(headers).filter(([name]) => !ABOUT_BODIES.has(name) && !HANDSHAKE.test(name));
  return {
    url: `${origin.replace(/^http/, 'ws')}${path}`,
    headers: { 'openai-beta': 'responses_websockets=2026-02-06', ...Object.fromEntries(own) },
  };
}
