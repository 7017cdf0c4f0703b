export { JobProducer } from './job-producer.js';
export { JobSchedules } from './job-schedules.js';
export { maintenanceJobs, type MaintenanceJob } from './maintenance-jobs.js';
export { MaintenanceModule } from './maintenance.module.js';
export { QUEUES } from './names.js';
export { prepareQueues } from './prepare-queues.js';
export { QueueModule } from './queue.module.js';
export { JobOverview, type JobLook, type ScheduledJob } from './runs/job-overview.js';
export { JobsModule } from './runs/jobs.module.js';
