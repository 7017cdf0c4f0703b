import { Module } from '@nestjs/common';
import { QUEUES, QueueModule } from '../platform/queue/index.js';
import { DueAccounts } from './due-accounts.service.js';
import { RefreshProcessor } from './refresh.processor.js';
import { RefreshSchedule } from './refresh.schedule.js';
import { UpstreamModule } from './upstream.module.js';

/** The worker's part: tokens refreshed before they end, catalogs read again. */
@Module({
  imports: [UpstreamModule, QueueModule.forFeature([QUEUES.tokenRefresh])],
  providers: [DueAccounts, RefreshProcessor, RefreshSchedule],
})
export class UpstreamWorkerModule {}
