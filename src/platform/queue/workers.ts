import { BullModule, type BullRegistrar } from '@nestjs/bullmq';
import {
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Worker, type Processor, type WorkerOptions } from 'bullmq';
import { problemOf } from './problem.js';
import type { OpenWorker, QueueStore } from './queue-store.js';
import type { JobRecorder } from './runs/job-recorder.js';
import { within } from './within.js';

const QUIET_MS = 30_000;
/** How long the store may take to hear of jobs that were given up. */
const GIVE_BACK_MS = 500;

/**
 * The workers of the `@Processor` classes of this process, if there are any. They begin when every module is ready,
 * take no more jobs as soon as the process is told to end, and finish those they have before connections are closed.
 */
export class Workers implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly log = new Logger('Workers');
  private readonly ends: (() => Promise<void>)[] = [];
  private ended: Promise<unknown> | undefined;

  /**
   * @param finishMs how long a job may go on after the process was told to end
   * @param recorder is told of every run of every job
   */
  constructor(
    private readonly registrar: BullRegistrar,
    private readonly store: QueueStore,
    private readonly finishMs: number,
    private readonly recorder: JobRecorder,
  ) {}

  onApplicationBootstrap(): void {
    // A setting of the whole process, so it is made in the same turn that uses it.
    BullModule.workerClass = new Proxy(Worker, {
      construct: (_, [name, processor, options]: [string, Processor, WorkerOptions]) =>
        this.open(name, processor, options),
    });
    this.registrar.register();
  }

  /** Does not wait: streams drain at the same time. */
  onModuleDestroy(): void {
    this.ended = Promise.all(this.ends.map((end) => end()));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.ended;
    await this.recorder.close();
  }

  private open(name: string, processor: Processor, options: WorkerOptions): OpenWorker {
    const running = new Set<Promise<unknown>>();
    const worker = this.store.openWorker(name, recorded(abandonable(processor, running), this.recorder), options);
    this.listen(name, worker);
    const close = worker.close.bind(worker);
    const closed = () => (this.store.isAway() ? Promise.allSettled(running).then(() => close(true)) : close());
    let ended: Promise<void> | undefined;
    const end = () => (ended ??= this.finish(name, worker, closed()));
    this.ends.push(end);
    // Nest closes workers once more, last of all, and would wait for ever.
    return Object.assign(worker, { close: end });
  }

  private listen(name: string, worker: OpenWorker): void {
    let quietUntilMs = 0;
    worker.on('error', (error) => {
      if (performance.now() < quietUntilMs) return;
      quietUntilMs = performance.now() + QUIET_MS;
      this.log.warn(`The worker of ${name} has lost the queue: ${problemOf(error)}`);
    });
    worker.on('failed', (job, error) => {
      const tries = `${job?.attemptsMade ?? '?'} of ${job?.opts.attempts ?? 1}`;
      this.log.warn(`The job ${job?.name} ${job?.id} of ${name} failed (try ${tries}): ${problemOf(error)}`);
    });
  }

  private async finish(name: string, worker: OpenWorker, closed: Promise<void>): Promise<void> {
    const done = closed.then(
      () => true,
      () => true,
    );
    if (await within(done, this.finishMs, false)) return;
    this.log.warn(`Jobs of ${name} took too long to end and go back to the queue`);
    worker.cancelAllJobs();
    if (await within(done, GIVE_BACK_MS, false)) return;
    worker.disconnect().catch(() => undefined);
  }
}

/**
 * A job whose signal is aborted counts as failed at once, even if it does not listen, and is tried again elsewhere.
 *
 * @param running holds the jobs that have begun and not ended
 */
function abandonable(processor: Processor, running: Set<Promise<unknown>>): Processor {
  // BullMQ makes a signal for a processor of three parameters.
  return (job, token, signal) => {
    const abandoned = new Promise<never>((_, fail) => {
      signal?.addEventListener('abort', () => fail(new JobAbandoned()), { once: true });
    });
    const result = Promise.race([processor(job, token, signal), abandoned]).finally(() => running.delete(result));
    running.add(result);
    return result;
  };
}

const recorded =
  (processor: Processor, recorder: JobRecorder): Processor =>
  (job, token, signal) =>
    recorder.record({ queue: job.queueName, name: job.name, data: job.data }, () => processor(job, token, signal));

class JobAbandoned extends Error {
  override readonly name = 'JobAbandoned';

  constructor() {
    super('The process ended before the job did');
  }
}
