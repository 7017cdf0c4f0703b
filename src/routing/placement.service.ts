import { Injectable } from '@nestjs/common';
import type { Principal, RoutedCall } from '../core/index.js';
import { AccountLeases } from './admission/account-leases.service.js';
import { AdmissionService } from './admission/admission.service.js';
import { ContinuityService } from './continuity/continuity.service.js';
import type { Ruled } from './key-policy.service.js';
import { Placement } from './placement.js';
import { RouterService } from './router.service.js';

/** Lets calls in and finds them accounts. */
@Injectable()
export class PlacementService {
  constructor(
    private readonly admission: AdmissionService,
    private readonly continuity: ContinuityService,
    private readonly router: RouterService,
    private readonly leases: AccountLeases,
  ) {}

  /** The call as its key lets it go on, and what it is refused for if it may not. */
  ruled(call: RoutedCall, caller: Principal): Promise<Ruled> {
    return this.router.ruled(call, caller);
  }

  /**
   * Let a call in, at once or when it is its turn. What is returned has to be released when the call is over.
   *
   * @throws GatewayError `server_is_overloaded` when there is no place for it in time; the signal's reason
   */
  async enter(call: RoutedCall, caller: Principal, signal: AbortSignal): Promise<Placement> {
    const [admitted, thread] = await Promise.all([
      this.admission.enter(call, caller, signal),
      this.continuity.follow(call, caller, Date.now()),
    ]);
    return new Placement(this.router, this.leases, thread, admitted, { call, caller, signal, now: Date.now });
  }
}
