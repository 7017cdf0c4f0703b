import { Injectable } from '@nestjs/common';
import type { MaintenanceJob } from '../platform/queue/index.js';
import { SweepService } from './sweep.service.js';
import { SWEEP_PERIOD_MS } from './timing.js';

@Injectable()
export class SweepJob implements MaintenanceJob {
  readonly name = 'sweep';
  readonly everyMs = SWEEP_PERIOD_MS;

  constructor(private readonly sweeps: SweepService) {}

  /** One look. */
  run(): Promise<object> {
    return this.sweeps.sweep();
  }
}
