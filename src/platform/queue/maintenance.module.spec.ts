import { Logger, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { useDatabase } from '../../../test/support/database.js';
import { eventually } from '../../../test/support/eventually.js';
import { useRedis } from '../../../test/support/redis.js';
import { DatabaseModule } from '../database/index.js';
import {
  JobOverview,
  JobProducer,
  JobsModule,
  MaintenanceModule,
  maintenanceJobs,
  prepareQueues,
  QUEUES,
  QueueModule,
  type MaintenanceJob,
} from './index.js';

class Counting implements MaintenanceJob {
  readonly name = 'counting';
  readonly everyMs = 3_600_000;
  rounds = 0;

  async run(): Promise<object> {
    this.rounds += 1;
    if (this.rounds === 2) throw new TypeError('some account’s words');
    return { rounds: this.rounds };
  }
}

class Other implements MaintenanceJob {
  readonly name = 'other';
  readonly everyMs = 7_200_000;

  async run(): Promise<object> {
    return {};
  }
}

@Module({ imports: [MaintenanceModule], providers: maintenanceJobs(Counting) })
class One {}

@Module({ imports: [MaintenanceModule], providers: maintenanceJobs(Other) })
class Two {}

class Root {}

describe.each(['Redis', 'Postgres'])('recurring jobs with their queues in %s', (store) => {
  const database = useDatabase();
  const redis = useRedis();
  let app: INestApplicationContext;
  const overview = () => app.get(JobOverview, { strict: false });
  const counted = async () => (await overview().runs()).find(({ job }) => job === 'maintenance/counting');

  beforeAll(async () => {
    Logger.overrideLogger(false);
    const config = { DRAIN_MS: 1_000, REDIS_URL: store === 'Redis' ? redis.url() : undefined };
    await prepareQueues(config, database.url());
    const stores = [
      DatabaseModule.forRoot(database.url(), { poolSize: 5 }),
      QueueModule.forRoot(config, database.url()),
    ];
    Module({ imports: [...stores, One, Two, JobsModule] })(Root);
    app = await NestFactory.createApplicationContext(Root);
  });
  afterAll(() => app.close());

  it('are done at their time by one worker, whichever module they belong to, and remembered', async () => {
    await eventually(async () => {
      expect(await counted()).toMatchObject({ outcome: 'succeeded', result: { rounds: 1 }, runs: 1, failures: 0 });
    });
    expect((await overview().runs()).map(({ job }) => job)).toContain('maintenance/other');
  });

  it('say when they are due again', async () => {
    const schedules = await overview().schedules();
    const due = schedules.find(({ name }) => name === 'counting');
    expect(due).toMatchObject({ queue: 'maintenance', job: 'maintenance/counting', everyMs: 3_600_000 });
    expect(due?.nextAtMs).toBeGreaterThan(Date.now());
    expect(due?.nextAtMs).toBeLessThanOrEqual(Date.now() + 3_600_000);
  });

  it('are done now when that is asked for, and one that fails leaves the type of its error', async () => {
    const [due] = (await overview().schedules()).filter(({ name }) => name === 'counting');
    if (due === undefined) throw new Error('not scheduled');
    expect(await overview().runNow(due)).toBe(true);
    await eventually(() => expect(app.get(Counting, { strict: false }).rounds).toBe(2));
    await eventually(async () => {
      const failed = (await overview().depths()).find(({ queue }) => queue === 'maintenance');
      expect(failed?.depth).toMatchObject({ failed: 1, active: 0 });
    });
  });

  it('are remembered where the queue does not know them', async () => {
    const producer = app.get(JobProducer, { strict: false });
    await eventually(async () => expect(await producer.add(QUEUES.maintenance, 'nobody', {})).toBe(true));
    await eventually(async () => {
      const nobody = (await overview().runs()).find(({ job }) => job === 'maintenance/nobody');
      expect(nobody).toMatchObject({ outcome: 'failed', errorCode: 'UnrecoverableError', result: null });
    });
  });

  it('are remembered when the process ends, and after the queues have lost everything', async () => {
    if (store === 'Redis') await redis.flush();
    await app.close();
    const sql = `SELECT outcome, error_code, runs FROM job_run WHERE job = 'maintenance/counting'`;
    expect(await database.dataSource().query<object[]>(sql)).toEqual([
      { outcome: 'failed', error_code: 'TypeError', runs: '2' },
    ]);
  });
});
