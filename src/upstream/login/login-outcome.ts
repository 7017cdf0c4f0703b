import { GatewayError, LoginRefused } from '../../core/index.js';
import { AccountLabelRefused } from '../account-label-refused.js';
import { AuthJsonRejected } from '../auth-json-rejected.js';
import { AccountRefused } from '../lifecycle/account-refused.js';
import { LoginFailed, type LoginFailureCode } from './login-failed.js';

const REFUSED: Readonly<Record<string, LoginFailureCode>> = {
  account_unknown: 'account_unknown',
  account_deleted: 'account_unknown',
  identity_mismatch: 'identity_mismatch',
  identity_conflict: 'identity_conflict',
  serves_elsewhere: 'serves_elsewhere',
};

/** Why no code of a login became an account. What nobody foresaw is `internal`. */
export function exchangeFailure(thrown: unknown): LoginFailed {
  if (thrown instanceof LoginFailed) return thrown;
  if (thrown instanceof LoginRefused) return new LoginFailed('token_exchange_failed', thrown.reason);
  if (thrown instanceof GatewayError) return new LoginFailed('token_exchange_failed', thrown.code);
  if (thrown instanceof AuthJsonRejected) return new LoginFailed('login_unusable', thrown.reason);
  if (thrown instanceof AccountLabelRefused) {
    return new LoginFailed(thrown.reason === 'taken' ? 'label_taken' : 'label_invalid');
  }
  if (thrown instanceof AccountRefused) {
    const code = REFUSED[thrown.reason];
    return code === undefined ? new LoginFailed('login_unusable', thrown.reason) : new LoginFailed(code);
  }
  return new LoginFailed('internal');
}

/** Why no login by device code could begin. */
export function startFailure(thrown: unknown): LoginFailed {
  if (!(thrown instanceof LoginRefused)) return new LoginFailed('provider_unavailable');
  if (thrown.reason === 'device_login_unavailable') return new LoginFailed('device_login_unavailable');
  return new LoginFailed('provider_refused', thrown.reason);
}
