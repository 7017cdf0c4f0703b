import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { operation, OperationSet, type Operation } from '../operation.js';
import { HealthLook } from '../health-look.service.js';
import { healthView } from '../views/health-view.js';
import { seesWholeInstance } from '../whole-instance.js';

/** Whether all is there that calls and jobs need. */
@Injectable()
export class HealthOperations extends OperationSet {
  constructor(private readonly health: HealthLook) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'health.get',
      summary: 'Database, schema, shared state, queues, gateways and workers: whether they are there, and who is not',
      method: 'GET',
      path: '/health',
      scope: 'read',
      input: z.object({}),
      output: healthView,
      run: (_, { actor, nowMs }) => {
        seesWholeInstance(actor);
        return this.health.look(nowMs);
      },
    }),
  ];
}
