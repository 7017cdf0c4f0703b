import { AccountLabelRefused, AccountRefused, AuthJsonRejected, LoginFailed } from '../../upstream/index.js';
import { ControlError, type ControlErrorCode } from '../control-error.js';

/** Of an account as it is; what is wrong with a login that came is `unprocessable`. */
const CODES: Readonly<Partial<Record<AccountRefused['reason'], ControlErrorCode>>> = {
  account_unknown: 'not_found',
  account_deleted: 'not_found',
  already_linked: 'conflict',
  login_required: 'conflict',
  not_serving: 'conflict',
  no_usable_token: 'conflict',
  identity_conflict: 'conflict',
  serves_elsewhere: 'forbidden',
};

/** By the HTTP status that a login's failure has of its own. */
const LOGIN_CODES: Readonly<Record<number, ControlErrorCode>> = {
  409: 'conflict',
  500: 'internal',
  502: 'unavailable',
};

/** Does it, and says in the operators' words why it cannot be done. What nobody foresaw is thrown as it is. */
export async function refusedInWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    throw refusalOf(thrown);
  }
}

function refusalOf(thrown: unknown): unknown {
  if (thrown instanceof AccountRefused) return worded(CODES[thrown.reason] ?? 'unprocessable', thrown, thrown.reason);
  if (thrown instanceof AuthJsonRejected) return worded('unprocessable', thrown, thrown.reason);
  if (thrown instanceof AccountLabelRefused) {
    return worded(thrown.reason === 'taken' ? 'conflict' : 'unprocessable', thrown, `label_${thrown.reason}`);
  }
  if (thrown instanceof LoginFailed) return worded(LOGIN_CODES[thrown.status] ?? 'unprocessable', thrown, thrown.code);
  return thrown;
}

const worded = (code: ControlErrorCode, { message }: Error, reason: string): ControlError =>
  new ControlError(code, message, [], reason);
