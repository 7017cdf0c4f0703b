import { once } from 'node:events';
import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { UnrecoverableError, type Job } from 'bullmq';
import { eventually } from '../../../test/support/eventually.js';
import { JobProducer, JobSchedules, prepareQueues, QUEUES, QueueModule } from './index.js';

type Work = (job: Job, signal?: AbortSignal) => unknown;

/** Does what the test at hand says and remembers the jobs. */
@Processor(QUEUES.maintenance, { concurrency: 3 })
class Bench extends WorkerHost {
  work: Work = () => undefined;
  readonly jobs: Job[] = [];

  async process(job: Job, _token?: string, signal?: AbortSignal): Promise<unknown> {
    this.jobs.push(job);
    return this.work(job, signal);
  }

  /** The job that is done next. */
  async completed(): Promise<Job> {
    const [job] = (await once(this.worker, 'completed')) as [Job];
    return job;
  }
}

class Root {}

export interface Store {
  readonly redisUrl?: string;
  readonly databaseUrl: string;
}

interface AppOptions {
  readonly processors?: boolean;
  readonly drainMs?: number;
}

export async function start(store: Store, { processors = true, drainMs = 5_000 }: AppOptions = {}) {
  const config = { DRAIN_MS: drainMs, REDIS_URL: store.redisUrl };
  Module({
    imports: [QueueModule.forRoot(config, store.databaseUrl), QueueModule.forFeature([QUEUES.maintenance])],
    providers: processors ? [Bench] : [],
  })(Root);
  await prepareQueues(config, store.databaseUrl);
  const app: INestApplicationContext = await NestFactory.createApplicationContext(Root, { logger: false });
  return {
    app,
    producer: app.get(JobProducer, { strict: false }),
    schedules: app.get(JobSchedules, { strict: false }),
    bench: processors ? app.get(Bench) : new Bench(),
  };
}

export type Started = Awaited<ReturnType<typeof start>>;

const gate = () => {
  let open: (value?: unknown) => void = () => undefined;
  return { passed: new Promise((pass) => (open = pass)), open: () => open() };
};

/** What both backends keep. */
export function describeQueues(name: string, store: () => Store): void {
  describe(`queues in ${name}`, () => {
    describe('while the process runs', () => {
      let started: Started | undefined;
      const at = () => {
        if (started === undefined) throw new Error('Not started yet.');
        return started;
      };
      beforeAll(async () => void (started = await start(store())));
      beforeEach(() => {
        at().bench.jobs.length = 0;
        at().bench.work = () => undefined;
      });
      afterAll(() => at().app.close());

      describeJobs(at);
      describeSchedules(at);
    });

    describeEnds(store);
  });
}

function describeJobs(at: () => Started): void {
  it('hands a job and its data to the processor', async () => {
    const done = at().bench.completed();
    // On a machine that is busy elsewhere the first one may take longer than callers are made to wait.
    await eventually(async () => {
      expect(await at().producer.add(QUEUES.maintenance, 'sweep', { accountId: 'a1' })).toBe(true);
    });
    const { name, data } = await done;
    expect([name, data]).toEqual(['sweep', { accountId: 'a1' }]);
  });

  it('tries a job again that has failed', async () => {
    const { bench, producer } = at();
    bench.work = ({ attemptsMade }) => {
      if (attemptsMade < 2) throw new Error('not yet');
    };
    const done = bench.completed();
    await producer.add(QUEUES.maintenance, 'flaky', {}, { backoff: { type: 'fixed', delay: 1 } });
    expect((await done).name).toBe('flaky');
    expect(bench.jobs.filter(({ name }) => name === 'flaky')).toHaveLength(3);
  });

  it('gives up on a job at once that says it is hopeless', async () => {
    const { bench, producer } = at();
    bench.work = () => {
      throw new UnrecoverableError('never');
    };
    // An earlier job's failed try may be told of late.
    const failed = new Promise<Job>((done) => {
      bench.worker.on('failed', (job) => job?.name === 'hopeless' && done(job));
    });
    await producer.add(QUEUES.maintenance, 'hopeless', {});
    expect(await (await failed).getState()).toBe('failed');
  });

  it('drops a job whose like has not finished', async () => {
    const { bench, producer } = at();
    const { passed, open } = gate();
    bench.work = () => passed;
    const deduplication = { id: 'account-1' };
    expect(await producer.add(QUEUES.maintenance, 'refresh', { n: 1 }, { deduplication })).toBe(true);
    expect(await producer.add(QUEUES.maintenance, 'refresh', { n: 2 }, { deduplication })).toBe(true);
    const first = bench.completed();
    open();
    await first;
    const second = bench.completed();
    await producer.add(QUEUES.maintenance, 'refresh', { n: 3 }, { deduplication });
    await second;
    expect(bench.jobs.map(({ data }: Job<{ n: number }>) => data.n)).toEqual([1, 3]);
  });
}

function describeSchedules(at: () => Started): void {
  it('repeats a job at its interval, from one schedule however often it is asked for', async () => {
    const { bench, schedules } = at();
    const job = { name: 'tick', everyMs: 50, data: { kind: 'tick' } };
    expect(await schedules.every(QUEUES.maintenance, job)).toBe(true);
    await schedules.every(QUEUES.maintenance, job);
    for (let round = 0; round < 4; round += 1) expect((await bench.completed()).data).toEqual({ kind: 'tick' });
    const times = bench.jobs.map(({ timestamp, delay }) => timestamp + delay);
    expect(new Set(times).size).toBe(times.length);
    await schedules.every(QUEUES.maintenance, { ...job, everyMs: 3_600_000 });
  });
}

function describeEnds(store: () => Store): void {
  it('lets a process without processors hand over jobs for another, later one', async () => {
    const gateway = await start(store(), { processors: false });
    expect(await gateway.producer.add(QUEUES.maintenance, 'elsewhere', {})).toBe(true);
    await gateway.app.close();
    const { app, bench } = await start(store());
    await eventually(() => expect(bench.jobs.map(({ name }) => name)).toContain('elsewhere'));
    await app.close();
  });

  it('finishes a running job before the process ends', async () => {
    const { app, bench, producer } = await start(store());
    const { passed, open } = gate();
    let finished = false;
    const taken = new Promise((take) => {
      bench.work = async () => {
        take(undefined);
        await passed;
        finished = true;
      };
    });
    await producer.add(QUEUES.maintenance, 'long', {});
    await taken;
    const closed = app.close();
    open();
    await closed;
    expect(finished).toBe(true);
  });

  it('gives a job back that does not end in time, for another process to try', async () => {
    const ending = await start(store(), { drainMs: 50 });
    const taken = new Promise<AbortSignal | undefined>((take) => {
      ending.bench.work = (_, signal) => {
        take(signal);
        return new Promise(() => undefined);
      };
    });
    await ending.producer.add(QUEUES.maintenance, 'endless', {}, { backoff: { type: 'fixed', delay: 1 } });
    const signal = await taken;
    await ending.app.close();
    expect(signal?.aborted).toBe(true);
    const { app, bench } = await start(store());
    await eventually(() => expect(bench.jobs.map(({ name }) => name)).toContain('endless'));
    await app.close();
  });
}
