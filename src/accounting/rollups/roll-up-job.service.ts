import { Injectable } from '@nestjs/common';
import type { MaintenanceJob } from '../../platform/queue/index.js';
import { RollupService } from './rollup.service.js';

const ROLL_UP_PERIOD_MS = 5_000;

@Injectable()
export class RollUpJob implements MaintenanceJob {
  readonly name = 'roll-up';
  readonly everyMs = ROLL_UP_PERIOD_MS;

  constructor(private readonly rollups: RollupService) {}

  run(): Promise<object> {
    return this.rollups.rollUp();
  }
}
