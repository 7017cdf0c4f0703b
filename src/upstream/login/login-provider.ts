import type { LoginProvider } from '../../core/index.js';
import type { UpstreamKinds } from '../kinds.js';

/** How long the provider may take for one answer. */
export const PROVIDER_MS = 30_000;

/** The provider of the accounts that people sign in to. @throws Error when nobody signs in to any */
export function codexLoginProvider(kinds: UpstreamKinds): LoginProvider {
  const { login } = kinds.of('codex');
  if (login === undefined) throw new Error('Nobody signs in to accounts of this kind.');
  return login;
}
