import { Module } from '@nestjs/common';
import { PricesModule, RequestLogModule } from '../accounting/index.js';
import { AuditModule } from '../audit/index.js';
import { AuthModule } from '../auth/index.js';
import { ControlModule } from '../control/index.js';
import { IncidentsModule } from '../incidents/index.js';
import { JobsModule } from '../platform/queue/index.js';
import { ReconciliationModule } from '../reconciliation/index.js';
import { RoutingModule } from '../routing/index.js';
import { LoginModule, UpstreamModule } from '../upstream/index.js';
import { ApplyService } from './apply.service.js';
import { DoctorService } from './doctor.service.js';
import { ExplainService } from './explain/explain.service.js';
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
    JobsModule,
    LoginModule,
    ReconciliationModule,
    RoutingModule,
    UpstreamModule,
  ],
  providers: [
    FirstDoors,
    SeedFileStart,
    TokenDeclarations,
    ApplyService,
    DoctorService,
    ExplainService,
    FirstStartService,
    LocalStartService,
  ],
  exports: [ApplyService, DoctorService, ExplainService, FirstStartService, LocalStartService],
})
export class OperatorModule {}
