import { Module } from '@nestjs/common';
import { PricesModule, RequestLogModule } from '../accounting/index.js';
import { AuthModule } from '../auth/index.js';
import { JobsModule } from '../platform/queue/index.js';
import { ReconciliationModule } from '../reconciliation/index.js';
import { RoutingModule } from '../routing/index.js';
import { LoginModule, UpstreamModule } from '../upstream/index.js';
import { ApplyService } from './apply.service.js';
import { DoctorService } from './doctor.service.js';
import { ExplainService } from './explain/explain.service.js';
import { FirstStartService } from './first-start.service.js';
import { LocalStartService } from './local-start.service.js';

/** What operators do: declare, import, make keys, look things up. */
@Module({
  imports: [
    PricesModule,
    RequestLogModule,
    AuthModule,
    JobsModule,
    LoginModule,
    ReconciliationModule,
    RoutingModule,
    UpstreamModule,
  ],
  providers: [ApplyService, DoctorService, ExplainService, FirstStartService, LocalStartService],
  exports: [ApplyService, DoctorService, ExplainService, FirstStartService, LocalStartService],
})
export class OperatorModule {}
