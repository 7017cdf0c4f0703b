import { isRecord } from './codex-request.js';
import { json } from './plain-replies.js';
import type { RecordedRequest } from './recorded-request.js';
import { ScriptedAccount, type AccountOptions } from './scripted-account.js';
import type { Reply } from './wire.js';

/** The simulated accounts, found by their tokens, and the OAuth token endpoint that renews those. */
export class AccountDirectory {
  private readonly accounts: ScriptedAccount[] = [];

  constructor(private readonly nowMs: () => number) {}

  get all(): readonly ScriptedAccount[] {
    return this.accounts;
  }

  add(options: AccountOptions): ScriptedAccount {
    const accountId = options.accountId ?? `acc_simulated_${String(this.accounts.length + 1)}`;
    const account = new ScriptedAccount({ ...options, accountId }, this.nowMs);
    this.accounts.push(account);
    return account;
  }

  /** The account whose live access token the request carries. */
  find(request: RecordedRequest): ScriptedAccount | undefined {
    const token = /^Bearer (\S+)$/i.exec(request.header('authorization') ?? '')?.[1];
    return token === undefined ? undefined : this.accounts.find((account) => account.takes(token));
  }

  /** `grant_type=refresh_token`, form or JSON. The refresh token is rotated: a second use of it is refused. */
  renew(request: RecordedRequest): Reply {
    const fields = fieldsOf(request);
    if (fields['grant_type'] !== 'refresh_token' || fields['client_id'] === undefined) {
      return json(400, { error: 'invalid_request', error_description: 'grant_type and client_id are required.' });
    }
    const account = this.accounts.find((each) => each.takesRefresh(fields['refresh_token'] ?? ''));
    if (account === undefined) {
      return json(400, {
        error: 'invalid_grant',
        error_description: 'The refresh token is unknown or was used before.',
      });
    }
    request.accountId = account.id;
    const login = account.rotate();
    return json(200, {
      id_token: login.idToken,
      access_token: login.accessToken,
      refresh_token: login.refreshToken,
      token_type: 'Bearer',
      expires_in: Math.floor((login.expiresAtMs - this.nowMs()) / 1000),
    });
  }
}

function fieldsOf(request: RecordedRequest): Readonly<Record<string, string | undefined>> {
  if (!/json/i.test(request.header('content-type') ?? '')) {
    return Object.fromEntries(new URLSearchParams(request.body.toString('utf8')));
  }
  const body = request.json();
  if (!isRecord(body)) return {};
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)]));
}
