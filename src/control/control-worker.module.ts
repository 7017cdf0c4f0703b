import { Module } from '@nestjs/common';
import { MaintenanceModule, maintenanceJobs } from '../platform/queue/index.js';
import { ForgottenAnswersJob } from './forgotten-answers-job.service.js';
import { ReplayedAnswers } from './replayed-answers.service.js';

/** What is left of operations once they were done. */
@Module({ imports: [MaintenanceModule], providers: [ReplayedAnswers, ...maintenanceJobs(ForgottenAnswersJob)] })
export class ControlWorkerModule {}
