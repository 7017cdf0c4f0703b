import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { JobProducer } from '../job-producer.js';
import { QUEUES, type QueueName } from '../names.js';
import { OpenQueues } from '../open-queues.js';
import type { JobState } from '../queue-store.js';
import { within } from '../within.js';
import { JobRun } from './job-run.entity.js';

const PATIENCE_MS = 2_000;
const STATES: readonly JobState[] = ['waiting', 'active', 'delayed', 'failed'];

/** A job that recurs, as its queue has it. */
export interface ScheduledJob {
  readonly queue: QueueName;
  readonly name: string;
  /** `<queue>/<name>`, as in `JobRun`. */
  readonly job: string;
  readonly everyMs?: number;
  /** Unix time in milliseconds. */
  readonly nextAtMs?: number;
}

export interface QueueDepth {
  readonly queue: QueueName;
  /** Jobs by state; absent when the store did not answer. */
  readonly depth?: Readonly<Record<JobState, number>>;
}

export interface JobLook {
  readonly atMs: number;
  readonly runs: readonly JobRun[];
  readonly schedules: readonly ScheduledJob[];
  readonly queues: readonly QueueDepth[];
}

/** What operators may know of jobs, and have done now. */
@Injectable()
export class JobOverview {
  constructor(
    @InjectRepository(JobRun) private readonly rows: Repository<JobRun>,
    private readonly queues: OpenQueues,
    private readonly producer: JobProducer,
  ) {}

  /** The last result of every job and target. */
  runs(): Promise<JobRun[]> {
    return this.rows.find({ order: { job: 'ASC', target: 'ASC' } });
  }

  /** Everything at one time. */
  async look(): Promise<JobLook> {
    const [runs, schedules, queues] = await Promise.all([this.runs(), this.schedules(), this.depths()]);
    return { atMs: Date.now(), runs, schedules, queues };
  }

  /** Empty for the queues whose store does not answer. */
  async schedules(): Promise<readonly ScheduledJob[]> {
    const found = await Promise.all(Object.values(QUEUES).map((queue) => this.schedulesOf(queue)));
    return found.flat();
  }

  depths(): Promise<readonly QueueDepth[]> {
    return Promise.all(Object.values(QUEUES).map((queue) => this.depthOf(queue)));
  }

  /** When the job that is next in each queue came, Unix time in milliseconds; those in which none waits are left out. */
  async oldest(): Promise<ReadonlyMap<QueueName, number>> {
    const found = await Promise.all(
      Object.values(QUEUES).map(async (queue) => {
        const waiting = await this.asked(() => this.queues.get(queue).getWaiting(0, 0));
        return (waiting ?? []).map(({ timestamp }) => [queue, timestamp] as const);
      }),
    );
    return new Map(found.flat());
  }

  /** Have a worker do a recurring job now. @returns false when the queue did not take it in time */
  runNow({ queue, name }: ScheduledJob): Promise<boolean> {
    return this.producer.add(queue, name, {}, { attempts: 1 });
  }

  private async schedulesOf(queue: QueueName): Promise<readonly ScheduledJob[]> {
    const found = await this.asked(() => this.queues.get(queue).getJobSchedulers());
    return (found ?? []).map(({ name, every, next }) => ({
      queue,
      name,
      job: `${queue}/${name}`,
      ...(every !== undefined && { everyMs: every }),
      ...(next !== undefined && { nextAtMs: next }),
    }));
  }

  private async depthOf(queue: QueueName): Promise<QueueDepth> {
    const counts = await this.asked(() => this.queues.get(queue).getJobCounts(...STATES));
    if (counts === undefined) return { queue };
    const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
    return { queue, depth: { waiting, active, delayed, failed } };
  }

  private async asked<T>(question: () => Promise<T>): Promise<T | undefined> {
    const answer = question().catch(() => undefined);
    return within<T | undefined>(answer, PATIENCE_MS, undefined);
  }
}
