export { JobProducer } from './job-producer.js';
export { JobSchedules, type RecurringJob } from './job-schedules.js';
export { QUEUES, type QueueName } from './names.js';
export { prepareQueues } from './prepare-queues.js';
export { QueueModule } from './queue.module.js';
