import { Injectable } from '@nestjs/common';
import type { MaintenanceJob } from '../../platform/queue/index.js';
import { LimitRebuildService } from './limit-rebuild.service.js';
import { LimitSource } from './limit-source.js';
import { LIMIT_REBUILD_PERIOD_MS } from './timing.js';

/** Counters of limits are made right every few minutes, and say how wrong they were. */
@Injectable()
export class LimitRebuildJob implements MaintenanceJob {
  readonly name = 'limit-rebuild';
  readonly everyMs = LIMIT_REBUILD_PERIOD_MS;

  constructor(
    private readonly source: LimitSource,
    private readonly rebuilds: LimitRebuildService,
  ) {}

  async run(): Promise<object> {
    return this.rebuilds.rebuild(await this.source.usageLimits());
  }
}
