import { Injectable } from '@nestjs/common';
import type { Principal, RoutedCall } from '../core/index.js';
import { RouterService, refusalOf } from '../routing/index.js';
import { AccountPoolService } from '../upstream/index.js';
import { ExchangeService } from './exchange.service.js';
import { ExchangeSession } from './session.js';

/** Opens sessions, and says what would become of a turn that is not to be sent. */
@Injectable()
export class SessionService {
  constructor(
    private readonly exchange: ExchangeService,
    private readonly accounts: AccountPoolService,
    private readonly router: RouterService,
  ) {}

  /** Whether a session is worth opening now: false for a while after the upstream refused websockets as such. */
  get served(): boolean {
    return this.accounts.servesWebsockets();
  }

  /** Nothing is opened upstream before its first turn. Close it with the client's websocket. */
  open(): ExchangeSession {
    return new ExchangeSession(this.exchange, this.accounts);
  }

  /**
   * Whether the caller may ask for the call's model, as routing sees it. Accounts that are only out of quota for now are
   * no reason to refuse: by the time of a turn they may be back.
   *
   * @throws GatewayError as a turn would
   */
  async check(call: RoutedCall, caller: Principal): Promise<void> {
    const decision = await this.router.explained(call, caller);
    if (decision.candidates.length > 0) return;
    const refusal = refusalOf(decision, Date.now());
    if (refusal.code === 'invalid_model') throw refusal;
  }
}
