import { Injectable } from '@nestjs/common';
import type { MaintenanceJob } from '../platform/queue/index.js';
import { Deliveries } from './deliveries.service.js';
import { IncidentEvaluation } from './incident-evaluation.service.js';

/** Looks for incidents, and has them told at once. */
@Injectable()
export class IncidentJob implements MaintenanceJob {
  readonly name = 'incidents';
  readonly everyMs = 60_000;

  constructor(
    private readonly evaluation: IncidentEvaluation,
    private readonly deliveries: Deliveries,
  ) {}

  async run(): Promise<object> {
    const evaluated = await this.evaluation.run(Date.now());
    return { ...evaluated, due: await this.deliveries.enqueue(Date.now()) };
  }
}

/** Has told again what was not heard, and what had to wait. */
@Injectable()
export class IncidentDeliveryJob implements MaintenanceJob {
  readonly name = 'incident-deliveries';
  readonly everyMs = 15_000;

  constructor(private readonly deliveries: Deliveries) {}

  async run(): Promise<object> {
    return { due: await this.deliveries.enqueue(Date.now()) };
  }
}
