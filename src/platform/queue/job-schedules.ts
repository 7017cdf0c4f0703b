import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { QueueName } from './names.js';
import type { OpenQueues } from './open-queues.js';
import { problemOf } from './problem.js';
import { within } from './within.js';

const ATTEMPT_MS = 2_000;
const RETRY_MS = 2_000;
/** How often a process looks whether its schedules are there still. One question per queue. */
const CHECK_MS = 20_000;

export interface RecurringJob {
  /** Names the job and its schedule: one schedule per name and queue, however many processes ask for it. */
  readonly name: string;
  readonly everyMs: number;
  /** Plain JSON without secrets. */
  readonly data?: object;
}

/**
 * Recurring jobs. Each round is tried once: the next one comes anyway. A store may lose what it holds, so whoever has
 * asked for a schedule goes on to see that it is there.
 */
export class JobSchedules implements OnApplicationShutdown {
  private readonly log = new Logger('JobSchedules');
  private readonly asked = new Map<QueueName, Map<string, RecurringJob>>();
  /** Queues in which no schedule is left of jobs that this version does not know. */
  private readonly tidied = new Set<QueueName>();
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(private readonly queues: OpenQueues) {
    // Not yet the time to remove anything: modules that have just started may still be about to ask.
    queues.onReady(() => void this.look(false));
  }

  /**
   * Makes a job recur; asked again with another interval or other data, it changes the schedule. A round is dropped
   * while the one before has not begun. Never throws.
   *
   * @returns false when the store did not answer: then it is tried again, every 2 s, until it does
   */
  async every(queue: QueueName, job: RecurringJob): Promise<boolean> {
    this.asked.set(queue, (this.asked.get(queue) ?? new Map<string, RecurringJob>()).set(job.name, job));
    this.checkLater();
    const problem = await within(this.store(queue, job), ATTEMPT_MS, 'no answer in time');
    if (problem === undefined) return true;
    this.log.warn(`The schedule ${job.name} of the queue ${queue} is not stored yet: ${problem}`);
    setTimeout(() => {
      if (!this.ended) void this.every(queue, job);
    }, RETRY_MS).unref();
    return false;
  }

  /**
   * Stores again what the store has lost. The first time also removes the schedules of jobs that an older version had:
   * only then, because a newer version may run beside this one. Never rejects.
   */
  async check(): Promise<void> {
    await this.look(true);
  }

  onApplicationShutdown(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private async look(mayTidy: boolean): Promise<void> {
    const looks = [...this.asked].map(([queue, jobs]) => this.lookAt(queue, jobs, mayTidy));
    await within(Promise.all(looks), ATTEMPT_MS, undefined);
  }

  private async lookAt(queue: QueueName, jobs: ReadonlyMap<string, RecurringJob>, mayTidy: boolean): Promise<void> {
    try {
      const stored = await this.queues.get(queue).getJobSchedulers();
      const names = new Set(stored.map(({ key }) => key));
      const lost = [...jobs.values()].filter(({ name }) => !names.has(name));
      if (this.ended) return;
      for (const job of lost) await this.upsert(queue, job);
      if (lost.length > 0) this.log.warn(`The queue ${queue} had lost ${lost.length} schedules; they are there again.`);
      const unknown = [...names].filter((name) => !jobs.has(name));
      if (mayTidy && !this.tidied.has(queue)) await this.tidy(queue, unknown);
    } catch {
      // Away: the next look is due soon.
    }
  }

  private async tidy(queue: QueueName, unknown: readonly string[]): Promise<void> {
    for (const name of unknown) await this.queues.get(queue).removeJobScheduler(name);
    this.tidied.add(queue);
    if (unknown.length > 0)
      this.log.log(`The queue ${queue} had ${unknown.length} schedules of jobs that are no more.`);
  }

  private checkLater(): void {
    // Up to a quarter earlier, so that the processes that started together do not all ask together.
    this.timer ??= setTimeout(
      () => {
        this.timer = undefined;
        void this.check().then(() => !this.ended && this.checkLater());
      },
      CHECK_MS * (1 - Math.random() / 4),
    ).unref();
  }

  /** @returns what went wrong */
  private async store(queue: QueueName, job: RecurringJob): Promise<string | undefined> {
    try {
      await this.upsert(queue, job);
      return undefined;
    } catch (error) {
      return problemOf(error);
    }
  }

  private async upsert(queue: QueueName, { name, everyMs, data = {} }: RecurringJob): Promise<void> {
    const template = { name, data, opts: { attempts: 1 } };
    await this.queues.get(queue).upsertJobScheduler(name, { every: everyMs }, template);
  }
}
