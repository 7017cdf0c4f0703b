import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { MaintenanceJob } from '../../platform/queue/index.js';
import { safeError } from '../../platform/telemetry/index.js';
import { HOUR_MS } from '../rollups/days.js';
import { PartitionMaintenance } from './partition-maintenance.service.js';

/** Every hour; also when a worker starts, which may be the first one for weeks. */
@Injectable()
export class RetentionJob implements MaintenanceJob, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly name = 'retention';
  readonly everyMs = HOUR_MS;
  private readonly log = new Logger(RetentionJob.name);
  private atStart: Promise<void> | undefined;

  constructor(@Inject(PartitionMaintenance) private readonly maintenance: Pick<PartitionMaintenance, 'run'>) {}

  run(): Promise<object> {
    return this.maintenance.run();
  }

  onApplicationBootstrap(): void {
    this.atStart = this.maintenance.run().then(
      () => undefined,
      (error: unknown) => this.log.warn({ msg: 'retention at the start failed', error: safeError(error) }),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.atStart;
  }
}
