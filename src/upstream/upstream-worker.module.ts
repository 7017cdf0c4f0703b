import { Module } from '@nestjs/common';
import { QUEUES, QueueModule } from '../platform/queue/index.js';
import { DueAccounts } from './due-accounts.service.js';
import { LoginModule } from './login/login.module.js';
import { UsageSchedule } from './quota/usage.schedule.js';
import { UsageProcessor } from './quota/usage.processor.js';
import { RefreshProcessor } from './refresh.processor.js';
import { RefreshSchedule } from './refresh.schedule.js';
import { UpstreamModule } from './upstream.module.js';

/** The worker's part: tokens refreshed before they end, catalogs and usage read again. */
@Module({
  imports: [UpstreamModule, LoginModule, QueueModule.forFeature([QUEUES.tokenRefresh, QUEUES.usage])],
  providers: [DueAccounts, RefreshProcessor, RefreshSchedule, UsageProcessor, UsageSchedule],
})
export class UpstreamWorkerModule {}
