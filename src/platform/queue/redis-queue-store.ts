import { Queue, Worker, type Processor, type WorkerOptions } from 'bullmq';
import { closeRedis, failFastRedis, patientRedis, type RedisClient } from '../redis/index.js';
import { JOB_DEFAULTS, WORKER_DEFAULTS } from './job-defaults.js';
import type { QueueName } from './names.js';
import type { OpenQueue, OpenWorker, QueueStore } from './queue-store.js';

/** The braces keep all keys of a queue on one node of a Cluster. */
const PREFIX = '{codex-pooler}';

/** Queues in Redis: all producers share a fail-fast connection, all workers a patient one. */
export class RedisQueueStore implements QueueStore {
  private readonly listeners: (() => void)[] = [];
  private closed = false;
  private producers: RedisClient | undefined;
  private workers: RedisClient | undefined;

  constructor(private readonly url: string) {}

  openQueue(name: QueueName): OpenQueue {
    const connection = (this.producers ??= this.openProducers());
    // The version is not asked for: a first connection that breaks in that moment would leave the queue dead.
    return new Queue(name, { connection, prefix: PREFIX, skipVersionCheck: true, defaultJobOptions: JOB_DEFAULTS });
  }

  openWorker(name: string, processor: Processor, options: Partial<WorkerOptions>): OpenWorker {
    const connection = (this.workers ??= patientRedis(this.url, 'workers', () => this.closed));
    return new Worker(name, processor, { ...WORKER_DEFAULTS, ...options, connection, prefix: PREFIX });
  }

  onReady(listener: () => void): void {
    this.listeners.push(listener);
  }

  isAway(): boolean {
    return this.workers !== undefined && this.workers.status !== 'ready';
  }

  async close(): Promise<void> {
    this.closed = true;
    this.workers?.disconnect();
    if (this.producers !== undefined) await closeRedis(this.producers);
  }

  private openProducers(): RedisClient {
    const client = failFastRedis(this.url, 'queues');
    client.on('ready', () => {
      for (const listener of this.listeners) listener();
    });
    return client;
  }
}
