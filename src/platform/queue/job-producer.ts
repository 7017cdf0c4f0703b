import { Logger } from '@nestjs/common';
import type { JobsOptions } from 'bullmq';
import type { QueueName } from './names.js';
import type { OpenQueues } from './open-queues.js';
import { problemOf } from './problem.js';
import { within } from './within.js';

/** The longest that handing over a job may hold up who does it. */
const HAND_OVER_MS = 250;
const LATE = 'no answer in time';

/** Hands jobs to workers without ever being in the way of what it is called from. */
export class JobProducer {
  private readonly log = new Logger('JobProducer');
  /** Queues whose last job could not be handed over. */
  private readonly failing = new Set<QueueName>();

  constructor(private readonly queues: OpenQueues) {}

  /**
   * Adds a job. Never throws and never takes longer than 250 ms.
   *
   * @param data plain JSON, readable in the store: ids and numbers, never a secret, a token or a prompt
   * @param options `deduplication: { id }` drops the job while an equal one is not finished; other options replace
   *   the defaults of five tries with growing delays
   * @returns false when the job was not handed over in time; then it may yet arrive, so what a job does must be
   *   harmless to do twice
   */
  async add(queue: QueueName, name: string, data: object, options?: JobsOptions): Promise<boolean> {
    const problem = await within(this.handOver(queue, name, data, options), HAND_OVER_MS, LATE);
    this.report(queue, problem);
    return problem === undefined;
  }

  /** @returns what went wrong */
  private async handOver(
    queueName: QueueName,
    name: string,
    data: object,
    options: JobsOptions | undefined,
  ): Promise<string | undefined> {
    try {
      const queue = this.queues.get(queueName);
      const connected = queue.waitUntilReady().then(() => true);
      // Before its first connection a queue would hold jobs back without bound.
      if (!(await within(connected, HAND_OVER_MS, false))) return LATE;
      await queue.add(name, data, options);
      return undefined;
    } catch (error) {
      return problemOf(error);
    }
  }

  /** One line when a queue begins to fail and one when it works again, however many jobs lie between. */
  private report(queue: QueueName, problem: string | undefined): void {
    if (problem === undefined) {
      if (this.failing.delete(queue)) this.log.log(`Jobs reach the queue ${queue} again`);
    } else if (!this.failing.has(queue)) {
      this.failing.add(queue);
      this.log.warn(`Jobs do not reach the queue ${queue}: ${problem}`);
    }
  }
}
