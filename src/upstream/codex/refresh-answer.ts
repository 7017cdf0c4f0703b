import type { RefreshedTokens } from '../../core/index.js';
import { providerError } from '../transport/provider-error.js';

/** The login server's words for a refresh token that will never work again. */
const FINAL = [
  'invalid_grant',
  'invalid_refresh_token',
  'refresh_token_expired',
  'refresh_token_invalidated',
  'refresh_token_reused',
  'token_expired',
  'revoked',
] as const;
const REFUSALS = new Set([400, 401, 403]);
const MAX_TOKEN_CHARS = 32 * 1024;
const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** Why the refresh token is dead, as a safe token; `undefined` when trying again may help. */
export function deadTokenReason(status: number, body: string): string | undefined {
  if (!REFUSALS.has(status)) return undefined;
  const { tokens } = providerError(parsed(body));
  // Sometimes only the text of the description says it.
  return FINAL.find((reason) => tokens.includes(reason)) ?? FINAL.find((reason) => body.includes(reason));
}

/** @returns undefined when there is no usable access token */
export function tokensOf(body: string): RefreshedTokens | undefined {
  const answer = parsed(body);
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { access_token, refresh_token, id_token } = answer as Record<string, unknown>;
  const accessToken = tokenOf(access_token);
  const refreshToken = tokenOf(refresh_token);
  const idToken = tokenOf(id_token);
  if (accessToken === undefined) return undefined;
  return {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(idToken === undefined ? {} : { idToken }),
  };
}

function tokenOf(value: unknown): string | undefined {
  const token = typeof value === 'string' ? value.trim() : '';
  return token.length <= MAX_TOKEN_CHARS && HEADER_SAFE.test(token) ? token : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
