import { Module } from '@nestjs/common';
import { MaintenanceJobs, maintenanceJobs } from './maintenance-jobs.js';
import { MaintenanceProcessor } from './maintenance.processor.js';
import { MaintenanceSchedule } from './maintenance.schedule.js';
import { QUEUES } from './names.js';
import { QueueModule } from './queue.module.js';
import { ForgetRuns } from './runs/forget-runs.js';

/** Makes the process a worker of the recurring jobs that its modules register with `maintenanceJobs`. */
@Module({
  imports: [QueueModule.forFeature([QUEUES.maintenance])],
  providers: [MaintenanceJobs, MaintenanceProcessor, MaintenanceSchedule, ...maintenanceJobs(ForgetRuns)],
  exports: [MaintenanceJobs],
})
export class MaintenanceModule {}
