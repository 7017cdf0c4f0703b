import { Module } from '@nestjs/common';
import { RequestLogService } from './request-log.service.js';

/** The request log to read, for a process that serves no calls: the command line. */
@Module({
  providers: [RequestLogService],
  exports: [RequestLogService],
})
export class RequestLogModule {}
