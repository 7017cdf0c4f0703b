export { JobProducer } from './job-producer.js';
export { JobSchedules } from './job-schedules.js';
export { QUEUES } from './names.js';
export { prepareQueues } from './prepare-queues.js';
export { QueueModule } from './queue.module.js';
