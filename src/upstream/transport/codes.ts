/** The provider's error codes and types that say something of an account, beside those of the protocol itself. */

/** The account does not serve the model. */
export const MODEL_MISSING: ReadonlySet<string> = new Set(['model_not_found', 'model_not_available']);

/** The credentials are not taken; other words for a 401. */
export const UNAUTHORIZED: ReadonlySet<string> = new Set([
  'invalid_api_key',
  'invalid_authentication',
  'token_expired',
  'token_invalidated',
]);

/** The account itself is gone. */
export const ACCOUNT_GONE: ReadonlySet<string> = new Set(['deactivated_workspace', 'account_deactivated']);
