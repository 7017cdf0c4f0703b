import { Injectable } from '@nestjs/common';
import type { Principal, RoutedCall } from '../core/index.js';
import { AccountPoolService } from '../upstream/index.js';
import { AccountLeases } from './admission/account-leases.service.js';
import { AdmissionService, type Occupied } from './admission/admission.service.js';
import type { Decision } from './decision.js';
import { RouterService } from './router.service.js';

/** What would become of a call that is not made. Changes nothing, and keeps nobody waiting who does make one. */
@Injectable()
export class PreviewService {
  constructor(
    private readonly router: RouterService,
    private readonly accounts: AccountPoolService,
    private readonly leases: AccountLeases,
    private readonly admission: AdmissionService,
  ) {}

  /** @throws GatewayError as `RouterService.route` does */
  async decision(call: RoutedCall, caller: Principal): Promise<Decision> {
    const accounts = await this.accounts.snapshot(caller.pool.id);
    await this.leases.refresh(accounts.map(({ id }) => id));
    return this.router.explained(call, caller);
  }

  occupied(call: RoutedCall, caller: Principal): Promise<Occupied[]> {
    return this.admission.occupied(call, caller);
  }
}
