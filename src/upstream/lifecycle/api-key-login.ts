import { sha256 } from '../../platform/crypto/index.js';
import { AccountRefused } from './account-refused.js';
import type { CodexLogin } from './codex-login.js';

const HEADER_SAFE = /^[\x21-\x7e]{8,512}$/;

/**
 * An API key as a login: it is its own identity, known again by its digest and never to be refreshed.
 *
 * @throws AccountRefused `api_key_unreadable` when it can be no key
 */
export function apiKeyLogin(apiKey: string): CodexLogin {
  const accessToken = apiKey.trim();
  if (!HEADER_SAFE.test(accessToken)) throw new AccountRefused('api_key_unreadable');
  return { accessToken, externalAccountId: sha256(accessToken).toString('hex') };
}
