import { Module } from '@nestjs/common';
import { PartitionsRepository } from '../platform/partitions/index.js';
import { MaintenanceModule, maintenanceJobs } from '../platform/queue/index.js';
import { AuditRetentionJob } from './audit-retention-job.service.js';

/** The worker's part: forgets what is too old. */
@Module({
  imports: [MaintenanceModule],
  providers: [PartitionsRepository, ...maintenanceJobs(AuditRetentionJob)],
})
export class AuditWorkerModule {}
