import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { QueueModule } from '../queue.module.js';
import { JobOverview } from './job-overview.js';
import { JobRun } from './job-run.entity.js';

/** What became of jobs, for whoever shows it. */
@Module({
  imports: [TypeOrmModule.forFeature([JobRun]), QueueModule.forFeature([])],
  providers: [JobOverview],
  exports: [JobOverview],
})
export class JobsModule {}
