import { OPERATIONS, type AccountAccess, type RoutedCall } from '../../core/index.js';
import type { UpstreamRequest } from '../transport/upstream-request.js';
import { ownIdentity } from './identity.js';
import { wireOf } from './operations.js';

export interface Backend {
  /** With or without a trailing `/backend-api`; both spellings mean the same. */
  readonly baseUrl: string;
  /** The client version that we name when a call has no client. */
  readonly clientVersion: string;
}

/** Hop-by-hop, forwarding and credential headers: never a client's to choose, whatever the caller let through. */
const NEVER_FORWARDED = new Set([
  'accept-encoding',
  'api-key',
  'authorization',
  'chatgpt-account-id',
  'connection',
  'content-encoding',
  'content-length',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'true-client-ip',
  'upgrade',
  'via',
  'x-api-key',
  'x-openai-internal-codex-residency',
  'x-real-ip',
]);
const NEVER_FORWARDED_PREFIX = /^(cf-|proxy-|x-forwarded-)/;
/** Ids that other tools made up for logins without an account; the upstream does not know them. */
const MADE_UP_ACCOUNT = /^(email_|local_)/;
const HEADER_SAFE = /^[\x21-\x7e]+$/;

/**
 * A call as the Codex backend wants it. A native client's own headers go on as they came; a call without a client (a
 * translated one) is sent under our own name.
 *
 * @param residency the account's compute residency, from its current access token
 * @see codex-cli 0.169 signed in with ChatGPT, which sends the same set
 */
export function callRequest(
  backend: Backend,
  access: AccountAccess,
  call: RoutedCall,
  residency: string | undefined,
): UpstreamRequest {
  const client = forwarded(call.headers);
  const named = client.originator !== undefined || client['user-agent'] !== undefined;
  const wire = wireOf(call);
  return {
    method: 'POST',
    ...endpoint(backend.baseUrl, wire.path(call)),
    headers: {
      ...(named ? {} : { ...ownIdentity(backend.clientVersion), ...routingHint(call) }),
      ...client,
      ...(residency === undefined ? {} : { 'x-openai-internal-codex-residency': residency }),
      ...credentials(access),
      accept: call.stream ? 'text/event-stream' : wire.accept,
      'accept-encoding': 'identity',
      'content-type': call.contentType ?? 'application/json',
    },
    body: call.body.bytes,
    patience: wire.patience,
  };
}

/** The model list, as the client version we name would see it: an old version hides new models. */
export function modelsRequest(backend: Backend, access: AccountAccess, residency: string | undefined): UpstreamRequest {
  const query = new URLSearchParams({ client_version: backend.clientVersion });
  return {
    method: 'GET',
    ...endpoint(backend.baseUrl, `/backend-api/codex/models?${query.toString()}`),
    headers: {
      ...ownIdentity(backend.clientVersion),
      ...(residency === undefined ? {} : { 'x-openai-internal-codex-residency': residency }),
      ...credentials(access),
      accept: 'application/json',
      'accept-encoding': 'identity',
    },
  };
}

/** @param path with its query, as it follows the base */
export function endpoint(baseUrl: string, path: string): { origin: string; path: string } {
  const base = new URL(baseUrl.replace(/\/+$/, '').replace(/\/backend-api$/, ''));
  return { origin: base.origin, path: `${base.pathname.replace(/\/+$/, '')}${path}` };
}

/** A native client sends its own, or none. A model that is not in the list routes nothing there. */
function routingHint({ operation, model }: RoutedCall): Record<string, string> {
  const name = model.trim();
  const routes = OPERATIONS[operation].model === 'listed' && HEADER_SAFE.test(name);
  return routes ? { 'x-codex-routing-hint': `model=${name}` } : {};
}

function forwarded(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !NEVER_FORWARDED.has(name) && !NEVER_FORWARDED_PREFIX.test(name));
  return Object.fromEntries(kept);
}

export function credentials(access: AccountAccess): Record<string, string> {
  const account = access.externalAccountId?.trim() ?? '';
  return {
    authorization: `Bearer ${access.accessToken.trim()}`,
    ...(account === '' || MADE_UP_ACCOUNT.test(account) ? {} : { 'chatgpt-account-id': account }),
  };
}
