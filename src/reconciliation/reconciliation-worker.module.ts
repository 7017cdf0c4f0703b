import { Module } from '@nestjs/common';
import { MaintenanceModule, maintenanceJobs } from '../platform/queue/index.js';
import { ReconciliationJob } from './reconciliation-job.service.js';
import { ReconciliationModule } from './reconciliation.module.js';

/** The worker's part: compares once an hour. */
@Module({
  imports: [ReconciliationModule, MaintenanceModule],
  providers: maintenanceJobs(ReconciliationJob),
})
export class ReconciliationWorkerModule {}
