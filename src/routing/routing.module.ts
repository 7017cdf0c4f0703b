import { Module } from '@nestjs/common';
import { UpstreamModule } from '../upstream/index.js';
import { AccountLeases } from './admission/account-leases.service.js';
import { AdmissionService } from './admission/admission.service.js';
import { LeaseHolder } from './admission/lease-holder.service.js';
import { WaitingLine } from './admission/waiting-line.service.js';
import { ContinuityService } from './continuity/continuity.service.js';
import { SessionHomes } from './continuity/session-homes.service.js';
import { KeyPolicyService } from './key-policy.service.js';
import { PlacementService } from './placement.service.js';
import { PreviewService } from './preview.service.js';
import { RouterService } from './router.service.js';

/** Who may come in, and which account serves a call. Reads the account pool; knows no client protocol. */
@Module({
  imports: [UpstreamModule],
  providers: [
    LeaseHolder,
    WaitingLine,
    AdmissionService,
    AccountLeases,
    ContinuityService,
    KeyPolicyService,
    RouterService,
    PlacementService,
    PreviewService,
    SessionHomes,
  ],
  exports: [RouterService, PlacementService, PreviewService, SessionHomes],
})
export class RoutingModule {}
