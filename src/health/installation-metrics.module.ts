import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { JobsModule } from '../platform/queue/index.js';
import { UpstreamModule } from '../upstream/index.js';
import { InstallationMetrics } from './installation-metrics.service.js';

/** The worker's part: what metrics say of accounts, Pools and queues. */
@Module({ imports: [AuthModule, JobsModule, UpstreamModule], providers: [InstallationMetrics] })
export class InstallationMetricsModule {}
