import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { AuthModule } from '../auth/index.js';
import { ChangeLocks } from './change-locks.service.js';
import { ControlService } from './control.service.js';
import type { OperationSet } from './operation.js';
import { OPERATION_SETS, OperationRegistry } from './operation-registry.service.js';
import { PoolOperations } from './operations/pool-operations.service.js';
import { ReplayedAnswers } from './replayed-answers.service.js';

/** One line for each kind of thing. */
const SETS = [PoolOperations];

/** Everything that operators can do or see. */
@Module({
  imports: [AuditModule, AuthModule],
  providers: [
    ...SETS,
    { provide: OPERATION_SETS, inject: SETS, useFactory: (...sets: OperationSet[]) => sets },
    ChangeLocks,
    ControlService,
    OperationRegistry,
    ReplayedAnswers,
  ],
  exports: [ControlService, OperationRegistry],
})
export class ControlModule {}
