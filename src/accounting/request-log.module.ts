import { Module } from '@nestjs/common';
import { LimitStatusModule } from './limits/limits.module.js';
import { OpenCalls } from './open-calls.service.js';
import { ProcessList } from './process-list.service.js';
import { RecentOutcomesService } from './recent-outcomes.service.js';
import { RecentSessions } from './recent-sessions.service.js';
import { RequestLogService } from './request-log.service.js';
import { AccountUsage } from './rollups/account-usage.service.js';
import { RollupVerification } from './rollups/rollup-verification.service.js';
import { UsageReports } from './rollups/usage-reports.service.js';

const READERS = [
  AccountUsage,
  OpenCalls,
  ProcessList,
  RecentOutcomesService,
  RecentSessions,
  RequestLogService,
  RollupVerification,
  UsageReports,
];

/** What was written to be read, also in a process that serves no calls: the command line. */
@Module({
  imports: [LimitStatusModule],
  providers: [...READERS],
  exports: [LimitStatusModule, ...READERS],
})
export class RequestLogModule {}
