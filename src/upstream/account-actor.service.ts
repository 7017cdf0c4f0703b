import { Injectable } from '@nestjs/common';
import { GatewayError, LoginRequired, type AccountAccess, type AccountId } from '../core/index.js';
import type { AccountSnapshot } from './account-snapshot.js';
import { CredentialService } from './credential.service.js';
import { unlessAborted } from './unless-aborted.js';

/** The account, and the credentials that were used last: those that a refusal is about. */
export interface Tried {
  readonly id: AccountId;
  credentialEpoch: number;
}

/** How long an account sits out whose tokens could not be refreshed for now. */
const REFRESH_FAILED_COOLDOWN_MS = 30_000;

/** Acts as an account, with credentials that the upstream takes. */
@Injectable()
export class AccountActor {
  constructor(private readonly credentials: CredentialService) {}

  /**
   * Do something as an account. A 401 is worth one token refresh and one more try.
   *
   * @param tried learns which credentials were used
   * @throws GatewayError, and what `use` throws
   */
  async as<Result>(
    account: AccountSnapshot,
    tried: Tried,
    signal: AbortSignal,
    use: (access: AccountAccess) => Promise<Result>,
  ): Promise<Result> {
    const through = (access: AccountAccess): Promise<Result> => {
      tried.credentialEpoch = access.credentialEpoch;
      return use(access);
    };
    const access = await this.credentials.access(account);
    if (isOver(account, access)) return through(await this.renewed(access, signal));
    try {
      return await through(access);
    } catch (thrown) {
      if (!isUnauthorized(thrown)) throw thrown;
      return through(await this.renewed(access, signal, thrown));
    }
  }

  /**
   * Credentials that a websocket's turn was refused for are worth new ones, but those need a new websocket.
   *
   * @throws GatewayError `stream_interrupted` in place of the refusal once the account has new ones
   */
  async turn<Result>(tried: Tried, signal: AbortSignal, ask: () => Promise<Result>): Promise<Result> {
    try {
      return await ask();
    } catch (thrown) {
      if (!isUnauthorized(thrown)) throw thrown;
      await this.renewed(tried, signal, thrown);
      throw new GatewayError('stream_interrupted', 'The upstream websocket was opened with old credentials.', {
        cause: thrown,
      });
    }
  }

  /** @param refusal what made the credentials doubtful; its answer is relayed when they cannot be renewed */
  private async renewed(access: Tried, signal: AbortSignal, refusal?: GatewayError): Promise<AccountAccess> {
    try {
      return await unlessAborted(this.credentials.refreshed(access.id, access.credentialEpoch), signal);
    } catch (thrown) {
      if (signal.aborted || (thrown instanceof GatewayError && thrown.code === 'upstream_account_rejected'))
        throw thrown;
      const lost = thrown instanceof LoginRequired;
      throw new GatewayError('upstream_account_rejected', 'The upstream refused the account.', {
        ...refusal?.detail,
        // An account that needs a new login has left already; a cooldown would outlive that login.
        cooldownMs: lost ? 0 : REFRESH_FAILED_COOLDOWN_MS,
        ...(lost ? { upstreamCode: thrown.reason } : {}),
        cause: thrown,
      });
    }
  }
}

const isUnauthorized = (thrown: unknown): thrown is GatewayError =>
  thrown instanceof GatewayError && thrown.code === 'upstream_account_rejected' && thrown.detail.upstreamStatus === 401;

/** The token has ended, so that sending the call with it would only cost a round trip. */
const isOver = (account: AccountSnapshot, access: AccountAccess): boolean =>
  access.credentialEpoch === account.credentialEpoch &&
  account.accessTokenExpiresAtMs !== undefined &&
  account.accessTokenExpiresAtMs <= Date.now();
