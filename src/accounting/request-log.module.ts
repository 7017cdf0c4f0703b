import { Module } from '@nestjs/common';
import { LimitStatusModule } from './limits/limits.module.js';
import { RecentOutcomesService } from './recent-outcomes.service.js';
import { RequestLogService } from './request-log.service.js';
import { AccountUsage } from './rollups/account-usage.service.js';
import { RollupVerification } from './rollups/rollup-verification.service.js';
import { UsageReports } from './rollups/usage-reports.service.js';

/** What was written to be read, also in a process that serves no calls: the command line. */
@Module({
  imports: [LimitStatusModule],
  providers: [AccountUsage, RecentOutcomesService, RequestLogService, RollupVerification, UsageReports],
  exports: [
    AccountUsage,
    LimitStatusModule,
    RecentOutcomesService,
    RequestLogService,
    RollupVerification,
    UsageReports,
  ],
})
export class RequestLogModule {}
