import { BullModule, BullRegistrar } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Config } from '../config/index.js';
import { JobProducer } from './job-producer.js';
import { JobSchedules } from './job-schedules.js';
import type { QueueName } from './names.js';
import { OpenQueues } from './open-queues.js';
import { PostgresQueueStore } from './postgres-queue-store.js';
import { RedisQueueStore } from './redis-queue-store.js';
import { JobRecorder } from './runs/job-recorder.js';
import { JobRunStore } from './runs/job-run-store.js';
import { Workers } from './workers.js';

/**
 * Queues between the processes of an installation. `forRoot` once per application, `forFeature` in each module that
 * hands over jobs; a `@Processor(QUEUES.…)` among the providers of any module makes the process a worker.
 */
@Module({})
export class QueueModule {
  /** @param databaseUrl where queues live when there is no `REDIS_URL`; `prepareQueues` must have run there */
  static forRoot(config: Pick<Config, 'REDIS_URL' | 'DRAIN_MS'>, databaseUrl: string): DynamicModule {
    const { REDIS_URL: redisUrl, DRAIN_MS: finishMs } = config;
    const store = redisUrl === undefined ? new PostgresQueueStore(databaseUrl) : new RedisQueueStore(redisUrl);
    return {
      module: QueueModule,
      global: true,
      imports: [
        // `Workers` opens the connections, and only in a process that has processors.
        BullModule.forRoot({ connection: {}, extraOptions: { manualRegistration: true } }),
        BullModule.registerQueue(),
      ],
      providers: [
        { provide: OpenQueues, useFactory: () => new OpenQueues(store) },
        // One for the process: it knows all schedules of a queue, whichever modules asked for them.
        { provide: JobSchedules, inject: [OpenQueues], useFactory: (queues: OpenQueues) => new JobSchedules(queues) },
        {
          provide: JobRecorder,
          inject: [{ token: DataSource, optional: true }],
          useFactory: (database?: DataSource) => new JobRecorder(database && new JobRunStore(database)),
        },
        {
          provide: Workers,
          inject: [BullRegistrar, JobRecorder],
          useFactory: (registrar: BullRegistrar, recorder: JobRecorder) =>
            new Workers(registrar, store, finishMs, recorder),
        },
      ],
      exports: [OpenQueues, JobSchedules],
    };
  }

  /** `JobProducer`; `JobSchedules` is everywhere. The queues that are named here connect at start, the others when first used. */
  static forFeature(names: readonly QueueName[]): DynamicModule {
    const opened = { provide: 'queues of this feature', inject: [OpenQueues] };
    return {
      module: QueueModule,
      providers: [
        { ...opened, useFactory: (queues: OpenQueues) => names.map((name) => queues.get(name)) },
        { provide: JobProducer, inject: [OpenQueues], useFactory: (queues: OpenQueues) => new JobProducer(queues) },
      ],
      exports: [JobProducer],
    };
  }
}
