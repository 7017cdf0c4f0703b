import { Inject, Injectable } from '@nestjs/common';
import {
  GatewayError,
  LoginRefused,
  LoginRequired,
  type DeviceAnswer,
  type DeviceLogin,
  type LoginChallenge,
  type LoginCode,
  type LoginProvider,
  type RefreshedTokens,
} from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { isSafeReason } from '../login/safe-reason.js';
import { wholeBody } from '../transport/answer-body.js';
import { authorizeUrl, CLIENT_ID, REDIRECT_URI } from './authorize-url.js';
import { deviceLoginOf, pollAnswerOf } from './device-answer.js';
import { providerError } from '../transport/provider-error.js';
import { deadTokenReason, tokensOf } from './refresh-answer.js';
import { endpoint } from './request.js';
import { failureToAnswer } from '../transport/transport-error.js';
import { UpstreamHttp } from '../transport/upstream-http.service.js';

const MAX_ANSWER_BYTES = 1024 * 1024;
const FORM = 'application/x-www-form-urlencoded';
const DEVICE = '/api/accounts/deviceauth';

interface Answered {
  readonly status: number;
  readonly body: string;
}

/** The provider's login server. */
@Injectable()
export class CodexOAuth implements LoginProvider {
  readonly redirectUri = REDIRECT_URI;

  constructor(
    private readonly http: UpstreamHttp,
    @Inject(CONFIG) private readonly config: Pick<Config, 'OAUTH_ISSUER_URL'>,
  ) {}

  /**
   * @throws LoginRequired when the refresh token is dead
   * @throws GatewayError when trying again may help
   */
  async refresh(refreshToken: string, signal: AbortSignal): Promise<RefreshedTokens> {
    const { status, body } = await this.redeem({ grant_type: 'refresh_token', refresh_token: refreshToken }, signal);
    const reason = deadTokenReason(status, body);
    if (reason !== undefined) throw new LoginRequired(reason);
    return tokensIn({ status, body });
  }

  authorizeUrl(challenge: LoginChallenge): string {
    return authorizeUrl(this.config.OAUTH_ISSUER_URL, challenge);
  }

  async exchangeCode({ code, verifier, redirectUri }: LoginCode, signal: AbortSignal): Promise<RefreshedTokens> {
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
    const answer = await this.redeem(form, signal);
    if (isRefusal(answer)) throw new LoginRefused(reasonIn(answer) ?? 'token_exchange_failed');
    return tokensIn(answer);
  }

  async startDevice(signal: AbortSignal): Promise<DeviceLogin> {
    const answer = await this.post(`${DEVICE}/usercode`, jsonOf({ client_id: CLIENT_ID }), signal);
    // That is how the provider says that device codes are switched off.
    if (answer.status === 404) throw new LoginRefused('device_login_unavailable');
    if (isRefusal(answer)) throw new LoginRefused(reasonIn(answer) ?? 'device_login_refused');
    const login = deviceLoginOf(successful(answer));
    if (login === undefined)
      throw new GatewayError('invalid_upstream_response', 'The login server sent no device code.');
    return { ...login, verificationUri: `${this.config.OAUTH_ISSUER_URL}/codex/device` };
  }

  async pollDevice(
    { deviceAuthId, userCode }: Pick<DeviceLogin, 'deviceAuthId' | 'userCode'>,
    signal: AbortSignal,
  ): Promise<DeviceAnswer> {
    const asked = jsonOf({ device_auth_id: deviceAuthId, user_code: userCode });
    const { status, body } = await this.post(`${DEVICE}/token`, asked, signal);
    const answer = pollAnswerOf(status, body);
    if (answer.is === 'unclear') throw failed(status);
    if (answer.is !== 'approved') return answer;
    const redirectUri = `${this.config.OAUTH_ISSUER_URL}/deviceauth/callback`;
    return { is: 'approved', code: { code: answer.code, verifier: answer.verifier, redirectUri } };
  }

  private redeem(form: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answered> {
    const text = new URLSearchParams({ ...form, client_id: CLIENT_ID }).toString();
    return this.post('/oauth/token', { type: FORM, text }, signal);
  }

  private async post(path: string, sent: Sent, signal: AbortSignal): Promise<Answered> {
    const answer = await this.http.send(
      {
        method: 'POST',
        ...endpoint(this.config.OAUTH_ISSUER_URL, path),
        headers: {
          accept: 'application/json',
          'accept-encoding': 'identity',
          'content-type': sent.type,
        },
        body: sent.text,
      },
      signal,
    );
    try {
      return { status: answer.status, body: (await wholeBody(answer.body, MAX_ANSWER_BYTES)).toString('utf8') };
    } catch (thrown) {
      answer.body.destroy();
      throw failureToAnswer(thrown, signal);
    }
  }
}

interface Sent {
  readonly type: string;
  readonly text: string;
}

const jsonOf = (fields: object): Sent => ({ type: 'application/json', text: JSON.stringify(fields) });

/** The provider understood, and will say the same again. */
const isRefusal = ({ status }: Answered): boolean => status >= 400 && status < 500 && status !== 408 && status !== 429;

const failed = (status: number): GatewayError =>
  new GatewayError('upstream_error', 'The login server failed.', { upstreamStatus: status });

/** @throws GatewayError */
function successful({ status, body }: Answered): string {
  if (status < 200 || status > 299) throw failed(status);
  return body;
}

/** @throws GatewayError */
function tokensIn(answer: Answered): RefreshedTokens {
  const tokens = tokensOf(successful(answer));
  if (tokens === undefined) {
    throw new GatewayError('invalid_upstream_response', 'The login server sent no access token.');
  }
  return tokens;
}

function reasonIn({ body }: Answered): string | undefined {
  try {
    return providerError(JSON.parse(body)).tokens.find(isSafeReason);
  } catch {
    return undefined;
  }
}
