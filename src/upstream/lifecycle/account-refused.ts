/** Why something cannot be done to an account, in words for the operator. No sentence quotes a secret. */
export const ACCOUNT_REFUSALS = {
  account_unknown: 'there is no such account',
  account_deleted: 'it is deleted, which is final',
  already_linked: 'it has a login already: relink it',
  login_required: 'it needs a new login: relink it',
  not_serving: 'it is paused and has nothing to finish',
  no_usable_token: 'its access token has ended and it has no refresh token: relink it',
  identity_mismatch: 'the login belongs to another account, user or workspace',
  identity_conflict: 'several accounts here could be that of the login',
  serves_elsewhere: 'the login is that of an account that serves other Pools',
  login_dead: 'it needs a new login, the provider refused its refresh token',
  api_key_refused: 'the provider refused the API key',
  api_key_unreadable: 'that is no API key',
  api_key_kind: 'accounts of that kind are not held by an API key',
} as const;

export type AccountRefusal = keyof typeof ACCOUNT_REFUSALS;

/** Something that cannot be done to an account as it is. */
export class AccountRefused extends Error {
  override readonly name = 'AccountRefused';

  /** @param providerReason a safe token such as `invalid_grant`, where the provider said why */
  constructor(
    readonly reason: AccountRefusal,
    readonly providerReason?: string,
  ) {
    const why = providerReason === undefined ? '' : ` (${providerReason})`;
    super(`The account was refused: ${ACCOUNT_REFUSALS[reason]}${why}.`);
  }
}
