interface FailureRow {
  /** HTTP status for an operator who asks over HTTP. */
  readonly status: number;
  readonly message: string;
}

const row = (status: number, message: string): FailureRow => ({ status, message });

/** Every way a login can go wrong, in words for the operator. No sentence quotes what was pasted or what the provider sent. */
export const LOGIN_FAILURES = {
  callback_invalid: row(
    400,
    'That is not the address at which a login ends: it begins with http://localhost:1455/auth/callback? and holds a code and a state.',
  ),
  flow_unknown: row(400, 'No login that began here ends at that address.'),
  flow_mismatch: row(400, 'That is the address of another login.'),
  provider_refused: row(400, 'The provider refused the login.'),
  device_login_unavailable: row(
    400,
    'The provider gives no device codes. Allow "device code authorization for Codex" in the security settings of ChatGPT, or log in by browser.',
  ),
  login_unusable: row(400, 'The login cannot be used.'),
  account_unknown: row(400, 'The account to log in to again is not there.'),
  label_invalid: row(400, 'An account needs a label of 1 to 100 characters.'),
  label_taken: row(409, 'Another account has that label. For a new login of that account, relink it.'),
  identity_mismatch: row(
    409,
    'That was the login of somebody else, or of another workspace: the account keeps what it had.',
  ),
  serves_elsewhere: row(409, 'That is the login of an account that serves other Pools.'),
  identity_conflict: row(409, 'Another account here is the same person in the same workspace.'),
  flow_not_pending: row(409, 'That login is over, or somebody finishes it right now.'),
  flow_expired: row(409, 'That login took longer than ten minutes. Begin again.'),
  token_exchange_failed: row(502, 'The provider gave no tokens for that login.'),
  provider_unavailable: row(502, 'The provider cannot be reached.'),
  exchange_interrupted: row(500, 'The login broke off while its code was redeemed. Begin again.'),
  internal: row(500, 'The login could not be stored. Begin again.'),
} as const satisfies Record<string, FailureRow>;

export type LoginFailureCode = keyof typeof LOGIN_FAILURES;

function sentence(code: LoginFailureCode, reason?: string): string {
  const { message } = LOGIN_FAILURES[code];
  return reason === undefined ? message : `${message.replace(/\.$/, '')}: ${reason}.`;
}

/** A login that is over, by the code that its row keeps, in words for its operator. */
export const loginProblem = (kept = 'internal'): string =>
  isFailure(kept) ? sentence(kept) : sentence('provider_refused', kept);

const isFailure = (code: string): code is LoginFailureCode => Object.hasOwn(LOGIN_FAILURES, code);

/** Holds no part of what was pasted, and no word of the provider but a safe token. */
export class LoginFailed extends Error {
  override readonly name = 'LoginFailed';

  /** @param reason a safe token, such as `access_denied` */
  constructor(
    readonly code: LoginFailureCode,
    readonly reason?: string,
  ) {
    super(sentence(code, reason));
  }

  get status(): number {
    return LOGIN_FAILURES[this.code].status;
  }

  /** What is kept of it in the row. */
  get kept(): string {
    return this.code === 'provider_refused' ? (this.reason ?? this.code) : this.code;
  }
}
