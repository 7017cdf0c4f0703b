import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { QUEUES, QueueModule } from '../platform/queue/index.js';
import { Attempt } from './attempt.entity.js';
import { GatewayProcess } from './gateway-process.entity.js';
import { IntentWriter } from './intent-writer.service.js';
import { IntentRepository } from './intent.repository.js';
import { LedgerEntry } from './ledger-entry.entity.js';
import { LedgerService } from './ledger.service.js';
import { PROCESS_ROLE, ProcessRegistry } from './process-registry.service.js';
import { RequestLogModule } from './request-log.module.js';
import { RequestRow } from './request.entity.js';
import { SettlementOutbox } from './settlement-outbox.service.js';
import { SettlementRepository } from './settlement.repository.js';

/** What a process needs that serves calls: intents before them, settlements after them, and a heartbeat. */
@Module({
  imports: [
    TypeOrmModule.forFeature([GatewayProcess, RequestRow, Attempt, LedgerEntry]),
    QueueModule.forFeature([QUEUES.settlement]),
    RequestLogModule,
  ],
  providers: [
    { provide: PROCESS_ROLE, useValue: 'gateway' },
    ProcessRegistry,
    IntentRepository,
    IntentWriter,
    SettlementRepository,
    SettlementOutbox,
    LedgerService,
  ],
  exports: [LedgerService, RequestLogModule],
})
export class AccountingModule {}
