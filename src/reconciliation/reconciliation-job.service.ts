import { Injectable } from '@nestjs/common';
import type { MaintenanceJob } from '../platform/queue/index.js';
import { ReconciliationService, type ReconciliationRound } from './reconciliation.service.js';

const HOUR_MS = 3_600_000;

@Injectable()
export class ReconciliationJob implements MaintenanceJob {
  readonly name = 'reconciliation';
  readonly everyMs = HOUR_MS;

  constructor(private readonly reconciliation: ReconciliationService) {}

  run(): Promise<ReconciliationRound> {
    return this.reconciliation.run(Date.now());
  }
}
