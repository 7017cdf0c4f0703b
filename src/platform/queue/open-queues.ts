import type { OnApplicationShutdown } from '@nestjs/common';
import type { QueueName } from './names.js';
import type { OpenQueue, QueueStore } from './queue-store.js';

/** The producing ends of the queues that this process uses: each is opened once and closed when the process ends. */
export class OpenQueues implements OnApplicationShutdown {
  private readonly open = new Map<QueueName, OpenQueue>();

  constructor(private readonly store: QueueStore) {}

  /** Does not wait for the connection. */
  get(name: QueueName): OpenQueue {
    const known = this.open.get(name);
    if (known !== undefined) return known;
    const queue = this.store.openQueue(name);
    this.open.set(name, queue);
    // A failure is told by the call that met it.
    queue.on('error', () => undefined);
    // BullMQ remembers a failed first connection for ever: the next user gets a new queue.
    queue.waitUntilReady().catch(() => this.discard(name, queue));
    return queue;
  }

  /** Have `listener` called whenever queues may have lost what they held. */
  onReady(listener: () => void): void {
    this.store.onReady(listener);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.allSettled([...this.open.values()].map((queue) => queue.close()));
    await this.store.close();
  }

  private discard(name: QueueName, queue: OpenQueue): void {
    if (this.open.get(name) === queue) this.open.delete(name);
    queue.close().catch(() => undefined);
  }
}
