import { Module } from '@nestjs/common';
import { PricesModule, RequestLogModule } from '../accounting/index.js';
import { AuditModule } from '../audit/index.js';
import { AuthModule, IngressModule } from '../auth/index.js';
import { ControlModule } from '../control/index.js';
import { IncidentsModule } from '../incidents/index.js';
import { JobsModule } from '../platform/queue/index.js';
import { ReconciliationModule } from '../reconciliation/index.js';
import { RoutingModule } from '../routing/index.js';
import { LoginModule, UpstreamModule } from '../upstream/index.js';
import { OperatorApiController } from './api/operator-api.controller.js';
import { OperatorGate } from './api/operator-gate.service.js';
import { RequestBody } from './api/request-body.service.js';
import { ApplyService } from './apply.service.js';
import { DoctorService } from './doctor/doctor.service.js';
import { KeyRingCheck } from './doctor/key-ring-check.service.js';
import { FirstDoors } from './first-doors.service.js';
import { FirstStartService } from './first-start.service.js';
import { LocalStartService } from './local-start.service.js';
import { SeedFileStart } from './seed-file-start.service.js';
import { TokenDeclarations } from './token-declarations.service.js';

/** What operators do: declare, import, make keys, look things up. */
@Module({
  imports: [
    PricesModule,
    RequestLogModule,
    AuditModule,
    AuthModule,
    ControlModule,
    IncidentsModule,
    IngressModule,
    JobsModule,
    LoginModule,
    ReconciliationModule,
    RoutingModule,
    UpstreamModule,
  ],
  controllers: [OperatorApiController],
  providers: [
    OperatorGate,
    RequestBody,
    FirstDoors,
    SeedFileStart,
    TokenDeclarations,
    ApplyService,
    DoctorService,
    KeyRingCheck,
    FirstStartService,
    LocalStartService,
  ],
  exports: [ApplyService, DoctorService, FirstStartService, LocalStartService],
})
export class OperatorModule {}
