import { Inject, Injectable } from '@nestjs/common';
import { GatewayError, LoginRequired, type RefreshedTokens } from '../../core/index.js';
import { CONFIG, type Config } from '../../platform/config/index.js';
import { wholeBody } from './answer-body.js';
import { deadTokenReason, tokensOf } from './refresh-answer.js';
import { endpoint } from './request.js';
import { failureToAnswer } from './transport-error.js';
import { UpstreamHttp } from './upstream-http.service.js';

/** The public client of the Codex CLI: logins made with it can only be refreshed by it. */
const CLIENT_ID = 'app_EMoamEEZ73f0CkXaXp7hrann';
const MAX_ANSWER_BYTES = 1024 * 1024;

/** The provider's login server. */
@Injectable()
export class CodexOAuth {
  constructor(
    private readonly http: UpstreamHttp,
    @Inject(CONFIG) private readonly config: Pick<Config, 'OAUTH_ISSUER_URL'>,
  ) {}

  /**
   * @throws LoginRequired when the refresh token is dead
   * @throws GatewayError when trying again may help
   */
  async refresh(refreshToken: string, signal: AbortSignal): Promise<RefreshedTokens> {
    const { status, body } = await this.post(
      { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: CLIENT_ID },
      signal,
    );
    const reason = deadTokenReason(status, body);
    if (reason !== undefined) throw new LoginRequired(reason);
    if (status < 200 || status > 299) {
      throw new GatewayError('upstream_error', 'The login server failed.', { upstreamStatus: status });
    }
    const tokens = tokensOf(body);
    if (tokens === undefined) {
      throw new GatewayError('invalid_upstream_response', 'The login server sent no access token.');
    }
    return tokens;
  }

  private async post(form: Record<string, string>, signal: AbortSignal): Promise<{ status: number; body: string }> {
    const answer = await this.http.send(
      {
        method: 'POST',
        ...endpoint(this.config.OAUTH_ISSUER_URL, '/oauth/token'),
        headers: {
          accept: 'application/json',
          'accept-encoding': 'identity',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams(form).toString(),
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
