import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { QUEUES, QueueModule } from '../platform/queue/index.js';
import { LEDGER_ENTITIES } from './ledger-entities.js';
import { IntentWriter } from './intent-writer.service.js';
import { IntentRepository } from './intent.repository.js';
import { LedgerService } from './ledger.service.js';
import { LimitsModule } from './limits/limits.module.js';
import { LimitsService } from './limits/limits.service.js';
import { PricesModule } from './prices/prices.module.js';
import { PROCESS_ROLE, ProcessRegistry } from './process-registry.service.js';
import { RequestLogModule } from './request-log.module.js';
import { SettlementOutbox } from './settlement-outbox.service.js';
import { SettlementRepository } from './settlement.repository.js';

/** What a process needs that serves calls: intents before them, settlements after them, and a heartbeat. */
@Module({
  imports: [
    TypeOrmModule.forFeature([...LEDGER_ENTITIES]),
    QueueModule.forFeature([QUEUES.settlement]),
    RequestLogModule,
    PricesModule,
    LimitsModule,
  ],
  providers: [
    { provide: PROCESS_ROLE, useValue: 'gateway' },
    ProcessRegistry,
    IntentRepository,
    IntentWriter,
    SettlementRepository,
    SettlementOutbox,
    LedgerService,
    LimitsService,
  ],
  exports: [LedgerService, LimitsModule, LimitsService, PricesModule, RequestLogModule],
})
export class AccountingModule {}
