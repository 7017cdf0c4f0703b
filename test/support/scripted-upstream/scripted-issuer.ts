import { createHash, randomBytes } from 'node:crypto';
import type { AccountDirectory } from './account-directory.js';
import { isRecord } from './codex-request.js';
import { json } from './plain-replies.js';
import type { RecordedRequest } from './recorded-request.js';
import type { ScriptedAccount } from './scripted-account.js';
import type { Reply } from './wire.js';

/** A code that was given out and not redeemed. */
interface Grant {
  readonly account: ScriptedAccount;
  readonly challenge: string;
  readonly redirectUri: string;
}

interface Device {
  readonly userCode: string;
  /** Absent while nobody has typed the code. */
  outcome?: ScriptedAccount | 'denied';
}

const CLIENT_ID = 'app_EMoamEEZ73f0CkXaXp7hrann';
const REDIRECT_URI = 'http://localhost:1455/auth/callback';
const SCOPES = ['openid', 'profile', 'email', 'offline_access'];

/** Where people sign in: in a browser with PKCE, or by typing a code. A code can be redeemed once, by who began. */
export class ScriptedIssuer {
  /** What a device is told about its polls; of another type than the provider's own answers for odd ones. */
  interval: unknown = '1';
  /** Answers for the next polls of any device, before what is true of them. */
  readonly pollReplies: Reply[] = [];
  /** Every secret that was given out. */
  readonly secrets: string[] = [];
  private readonly grants = new Map<string, Grant>();
  private readonly devices = new Map<string, Device>();

  constructor(
    private readonly directory: AccountDirectory,
    private readonly url: () => string,
  ) {}

  /**
   * Do what somebody does in a browser who is sent to this address and signs in.
   *
   * @returns where the browser ends
   * @throws Error for a request that the provider would show an error page for
   */
  signIn(authorizeUrl: string, account: ScriptedAccount): string {
    const query = this.asked(authorizeUrl);
    const code = this.grant({ account, challenge: query.code_challenge ?? '', redirectUri: REDIRECT_URI });
    const ended = new URLSearchParams({ code, scope: query.scope ?? '', state: query.state ?? '' });
    return `${REDIRECT_URI}?${ended.toString()}`;
  }

  /** Do what somebody does who will not sign in. */
  refuse(authorizeUrl: string, error = 'access_denied'): string {
    const ended = new URLSearchParams({ error, error_description: 'No.', state: this.asked(authorizeUrl).state ?? '' });
    return `${REDIRECT_URI}?${ended.toString()}`;
  }

  /** Type a code and sign in, or say no. @throws Error for a code that was never given out */
  type(userCode: string, outcome: ScriptedAccount | 'denied'): void {
    const device = [...this.devices.values()].find((each) => each.userCode === userCode);
    if (device === undefined) throw new Error('That code is not valid.');
    device.outcome = outcome;
  }

  /** The usual answer of the token endpoint. */
  token(request: RecordedRequest): Reply {
    const form = new URLSearchParams(request.body.toString('utf8'));
    return form.get('grant_type') === 'authorization_code' ? this.redeem(form) : this.directory.renew(request);
  }

  /**
   * The answer to a request that is about signing in; `undefined` for any other.
   *
   * @param script answers a token call, or leaves it to `token` by returning nothing
   */
  reply(request: RecordedRequest, script?: (request: RecordedRequest) => Reply | undefined): Reply | undefined {
    if (request.route === 'token') return script?.(request) ?? this.token(request);
    if (request.route === 'device-code') return this.deviceCode(request);
    return request.route === 'device-poll' ? this.devicePoll(request) : undefined;
  }

  private deviceCode(request: RecordedRequest): Reply {
    const body = request.json();
    if (!isRecord(body) || body.client_id !== CLIENT_ID) return json(400, { error: 'invalid_client' });
    const id = this.secret('deviceauth');
    const userCode = `${randomBytes(2).toString('hex')}-${randomBytes(3).toString('hex')}`.toUpperCase();
    this.devices.set(id, { userCode });
    const expiresAt = new Date(Date.now() + 900_000).toISOString();
    return json(200, { device_auth_id: id, user_code: userCode, interval: this.interval, expires_at: expiresAt });
  }

  private devicePoll(request: RecordedRequest): Reply {
    const scripted = this.pollReplies.shift();
    if (scripted !== undefined) return scripted;
    const body = request.json();
    const device = isRecord(body) ? this.devices.get(String(body.device_auth_id)) : undefined;
    if (!isRecord(body) || device?.outcome === undefined || device.userCode !== body.user_code) return json(403, {});
    if (device.outcome === 'denied') return json(400, { error: 'access_denied' });
    this.devices.delete(String(body.device_auth_id));
    const verifier = this.secret('verifier');
    const challenge = challengeOf(verifier);
    const redirectUri = `${this.url()}/deviceauth/callback`;
    const code = this.grant({ account: device.outcome, challenge, redirectUri });
    return json(200, { authorization_code: code, code_challenge: challenge, code_verifier: verifier });
  }

  private asked(authorizeUrl: string): Record<string, string> {
    const url = new URL(authorizeUrl);
    const query = Object.fromEntries(url.searchParams);
    const isGood =
      `${url.origin}${url.pathname}` === `${this.url()}/oauth/authorize` &&
      query.response_type === 'code' &&
      query.client_id === CLIENT_ID &&
      query.redirect_uri === REDIRECT_URI &&
      query.code_challenge_method === 'S256' &&
      /^[\w-]{43}$/.test(query.code_challenge ?? '') &&
      SCOPES.every((scope) => query.scope?.split(' ').includes(scope));
    if (!isGood) throw new Error('The login page does not take this request.');
    return query;
  }

  private redeem(form: URLSearchParams): Reply {
    const code = form.get('code') ?? '';
    const grant = this.grants.get(code);
    this.grants.delete(code);
    const isRight =
      form.get('client_id') === CLIENT_ID &&
      form.get('redirect_uri') === grant?.redirectUri &&
      challengeOf(form.get('code_verifier') ?? '') === grant.challenge;
    if (grant === undefined || !isRight) {
      return json(400, { error: 'invalid_grant', error_description: `The code ${code} is not good.` });
    }
    const { idToken, accessToken, refreshToken } = grant.account.rotate();
    return json(200, { id_token: idToken, access_token: accessToken, refresh_token: refreshToken });
  }

  private grant(grant: Grant): string {
    const code = this.secret('ac');
    this.grants.set(code, grant);
    return code;
  }

  private secret(kind: string): string {
    const secret = `${kind}_${randomBytes(32).toString('base64url')}`;
    this.secrets.push(secret);
    return secret;
  }
}

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');
