import type { RefreshedTokens } from '../../core/index.js';
import { AuthJsonRejected } from '../auth-json-rejected.js';
import { claimsOf, type TokenClaims } from '../jwt-claims.js';
import { present } from '../present.js';

/** One Codex login: who it is, and its secrets. */
export interface CodexLogin extends RefreshedTokens {
  readonly externalAccountId?: string;
  readonly externalUserId?: string;
  readonly externalWorkspaceId?: string;
  readonly seatType?: string;
  readonly plan?: string;
  /** Unix time in milliseconds; absent when the token does not say. */
  readonly accessTokenExpiresAtMs?: number;
  /** As above. */
  readonly accessTokenIssuedAtMs?: number;
}

const HEADER_SAFE = /^[\x21-\x7e]+$/;

/**
 * Whose login a set of tokens is, as they say themselves. The account id may stand in the id token, the access token
 * (inside the provider's claim or beside it), or be given; where it stands more than once it must agree.
 *
 * @param accountId what stands beside the tokens
 * @throws AuthJsonRejected for a token that is no JWT, and for tokens of two accounts or users
 */
export function codexLogin({ accessToken, refreshToken, idToken }: RefreshedTokens, accountId?: string): CodexLogin {
  const access = readable(accessToken);
  const identity: TokenClaims = idToken === undefined ? {} : readable(idToken);
  return {
    accessToken,
    ...present({
      refreshToken,
      idToken,
      externalAccountId: agreed(accountId, identity.accountId, access.accountId),
      externalUserId: agreed(identity.userId, access.userId) ?? identity.subject ?? access.subject,
      externalWorkspaceId: identity.workspaceId ?? access.workspaceId,
      seatType: identity.seatType ?? access.seatType,
      plan: identity.plan ?? access.plan,
      accessTokenExpiresAtMs: access.expiresAtMs,
      accessTokenIssuedAtMs: access.issuedAtMs,
    }),
  };
}

function readable(token: string): TokenClaims {
  const claims = claimsOf(token);
  if (claims === undefined || !HEADER_SAFE.test(token)) throw new AuthJsonRejected('unparsable_token');
  return claims;
}

/** The one value that all places which have it agree on. */
function agreed(...values: readonly (string | undefined)[]): string | undefined {
  const known = new Set(values.filter((value) => value !== undefined));
  if (known.size > 1) throw new AuthJsonRejected('account_mismatch');
  return [...known][0];
}
