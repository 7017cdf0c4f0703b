import { Module } from '@nestjs/common';
import { KeyTotalsService } from './key-totals.service.js';
import { RequestLogService } from './request-log.service.js';

/** What was written to be read, also in a process that serves no calls: the command line. */
@Module({
  providers: [KeyTotalsService, RequestLogService],
  exports: [KeyTotalsService, RequestLogService],
})
export class RequestLogModule {}
