import { Module } from '@nestjs/common';
import { RequestLogModule } from '../accounting/index.js';
import { AuthModule } from '../auth/index.js';
import { JobsModule, MaintenanceModule, maintenanceJobs, QUEUES, QueueModule } from '../platform/queue/index.js';
import { UpstreamModule } from '../upstream/index.js';
import { Deliveries } from './deliveries.service.js';
import { DeliveryProcessor } from './delivery.processor.js';
import { IncidentEvaluation } from './incident-evaluation.service.js';
import { IncidentDeliveryJob, IncidentJob } from './incident-jobs.service.js';
import { IncidentRepository } from './incident.repository.js';
import { IncidentsModule } from './incidents.module.js';
import { WatchedReader } from './watched-reader.service.js';
import { WatchedUsage } from './watched-usage.service.js';

/** The worker's part: looks once a minute, and tells webhooks. */
@Module({
  imports: [
    AuthModule,
    IncidentsModule,
    JobsModule,
    MaintenanceModule,
    QueueModule.forFeature([QUEUES.incidents]),
    RequestLogModule,
    UpstreamModule,
  ],
  providers: [
    Deliveries,
    DeliveryProcessor,
    IncidentEvaluation,
    IncidentRepository,
    WatchedReader,
    WatchedUsage,
    ...maintenanceJobs(IncidentJob, IncidentDeliveryJob),
  ],
})
export class IncidentsWorkerModule {}
