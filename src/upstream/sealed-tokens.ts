import type { AccountId, RefreshedTokens } from '../core/index.js';
import type { SecretBox } from '../platform/crypto/index.js';

/** A sealed column of `upstream_account`. A value sealed for one opens in no other, and in no other row. */
type TokenColumn = 'access_token' | 'refresh_token' | 'id_token';

const sealedFor = (id: AccountId, column: TokenColumn) => ({ purpose: `upstream_account.${column}`, row: id });

const sealToken = (box: SecretBox, id: AccountId, column: TokenColumn, plain: string): Buffer =>
  box.seal(plain, sealedFor(id, column));

/** @throws SecretUnreadable when the key ring no longer holds the key, or the value is not this row's */
export const openToken = (box: SecretBox, id: AccountId, column: TokenColumn, sealed: Buffer): string =>
  box.open(sealed, sealedFor(id, column));

/** The columns of a set of tokens; null for one that is not there. */
export const sealTokens = (box: SecretBox, id: AccountId, tokens: RefreshedTokens) => ({
  access_token: sealToken(box, id, 'access_token', tokens.accessToken),
  refresh_token: tokens.refreshToken === undefined ? null : sealToken(box, id, 'refresh_token', tokens.refreshToken),
  id_token: tokens.idToken === undefined ? null : sealToken(box, id, 'id_token', tokens.idToken),
});
