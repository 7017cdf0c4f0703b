import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { QueueName } from './names.js';
import type { OpenQueues } from './open-queues.js';
import { problemOf } from './problem.js';
import { within } from './within.js';

const ATTEMPT_MS = 2_000;
const RETRY_MS = 2_000;

export interface RecurringJob {
  /** Names the job and its schedule: one schedule per name and queue, however many processes ask for it. */
  readonly name: string;
  readonly everyMs: number;
  /** Plain JSON without secrets. */
  readonly data?: object;
}

/** Recurring jobs. Each round is tried once: the next one comes anyway. */
export class JobSchedules implements OnApplicationShutdown {
  private readonly log = new Logger('JobSchedules');
  private ended = false;

  constructor(private readonly queues: OpenQueues) {}

  /**
   * Makes a job recur; asked again with another interval or other data, it changes the schedule. A round is dropped
   * while the one before has not begun. Never throws.
   *
   * @returns false when the store did not answer: then it is tried again, every 2 s, until it does
   */
  async every(queue: QueueName, job: RecurringJob): Promise<boolean> {
    const problem = await within(this.store(queue, job), ATTEMPT_MS, 'no answer in time');
    if (problem === undefined) return true;
    this.log.warn(`The schedule ${job.name} of the queue ${queue} is not stored yet: ${problem}`);
    setTimeout(() => {
      if (!this.ended) void this.every(queue, job);
    }, RETRY_MS).unref();
    return false;
  }

  onApplicationShutdown(): void {
    this.ended = true;
  }

  /** @returns what went wrong */
  private async store(queue: QueueName, { name, everyMs, data = {} }: RecurringJob): Promise<string | undefined> {
    try {
      const template = { name, data, opts: { attempts: 1 } };
      await this.queues.get(queue).upsertJobScheduler(name, { every: everyMs }, template);
      return undefined;
    } catch (error) {
      return problemOf(error);
    }
  }
}
