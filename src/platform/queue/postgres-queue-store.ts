import { createPostgresBackend, Queue, Worker, type Processor, type WorkerOptions } from 'bullmq';
import { JOB_DEFAULTS, WORKER_DEFAULTS } from './job-defaults.js';
import type { QueueName } from './names.js';
import type { OpenQueue, OpenWorker, QueueStore } from './queue-store.js';

/** Connections of one queue, opened when needed and closed when idle. */
const PRODUCER_CONNECTIONS = 4;
/** A worker has one more, which listens. */
const WORKER_CONNECTIONS = 4;
const PRODUCER_TIMEOUT_MS = 2_000;

/** Queues in PostgreSQL, for an installation without Redis. `prepareQueues` must have made the tables. */
export class PostgresQueueStore implements QueueStore {
  constructor(private readonly url: string) {}

  openQueue(name: QueueName): OpenQueue {
    const connection = {
      connectionString: this.url,
      max: PRODUCER_CONNECTIONS,
      connectionTimeoutMillis: PRODUCER_TIMEOUT_MS,
      query_timeout: PRODUCER_TIMEOUT_MS,
    };
    return new Queue(name, { connection, defaultJobOptions: JOB_DEFAULTS }, createPostgresBackend);
  }

  openWorker(name: string, processor: Processor, options: Partial<WorkerOptions>): OpenWorker {
    const connection = { connectionString: this.url, max: WORKER_CONNECTIONS };
    return new Worker(name, processor, { ...WORKER_DEFAULTS, ...options, connection }, createPostgresBackend);
  }

  onReady(): void {
    // What is in Postgres stays.
  }

  isAway(): boolean {
    return false;
  }

  async close(): Promise<void> {
    // Every queue and worker has its own connections and ends them.
  }
}
