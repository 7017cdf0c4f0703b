import { Injectable, Logger } from '@nestjs/common';
import type { LoginCode } from '../../core/index.js';
import { safeError } from '../../platform/telemetry/index.js';
import { UpstreamKinds } from '../kinds.js';
import { AccountLifecycle } from '../lifecycle/account-lifecycle.service.js';
import { codexLogin } from '../lifecycle/codex-login.js';
import type { Clock } from './clock.js';
import { LoginFailed } from './login-failed.js';
import { LoginFlowRepository } from './login-flow.repository.js';
import { targetOf, type LoginFlowRow } from './login-flow-row.js';
import { exchangeFailure } from './login-outcome.js';
import { codexLoginProvider, PROVIDER_MS } from './login-provider.js';

/** A code that nobody else can redeem any more: the row says that we do. */
export interface Exchange {
  readonly row: LoginFlowRow;
  readonly code: LoginCode;
  /** As the row has it. */
  readonly claim: Date;
}

/** From the code of a login to its account. */
@Injectable()
export class LoginCompletion {
  private readonly log = new Logger(LoginCompletion.name);

  constructor(
    private readonly rows: LoginFlowRepository,
    private readonly kinds: UpstreamKinds,
    private readonly accounts: AccountLifecycle,
  ) {}

  /**
   * Redeem the code and link what it gives. The row says how it went; should this process die in the middle, it says so
   * once the claim is over.
   *
   * @returns why there is no account
   */
  async run({ row, code, claim }: Exchange, now: Clock): Promise<LoginFailed | undefined> {
    const from = { id: row.id, from: 'exchanging', claim } as const;
    try {
      const tokens = await codexLoginProvider(this.kinds).exchangeCode(code, AbortSignal.timeout(PROVIDER_MS));
      // Without it the account would be gone in some days, and nobody would know why.
      if (tokens.refreshToken === undefined) throw new LoginFailed('login_unusable', 'no_refresh_token');
      const target = targetOf(row);
      const login = codexLogin(tokens);
      const { id } = await ('relink' in target
        ? this.accounts.relink(target.relink, login)
        : this.accounts.link(login, target));
      const linked = await this.rows.end({ ...from, event: 'linked', resultAccountId: id }, now());
      return linked ? undefined : new LoginFailed('exchange_interrupted');
    } catch (thrown) {
      const failure = exchangeFailure(thrown);
      if (failure.code === 'internal') this.log.error({ msg: 'a login was not stored', error: safeError(thrown) });
      await this.rows.end({ ...from, event: 'refused', errorCode: failure.kept }, now());
      return failure;
    }
  }
}
