import { Module } from '@nestjs/common';
import { QUEUES, QueueModule } from '../platform/queue/index.js';
import { StoredSweepProcessor } from './stored-sweep.processor.js';
import { StoredSweepSchedule } from './stored-sweep.schedule.js';
import { StoredModule } from './stored.module.js';

/** The worker's part: what is over is removed. */
@Module({
  imports: [StoredModule, QueueModule.forFeature([QUEUES.storedItems])],
  providers: [StoredSweepProcessor, StoredSweepSchedule],
})
export class StoredWorkerModule {}
