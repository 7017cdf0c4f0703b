import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { QUEUES, QueueModule } from '../platform/queue/index.js';
import { Attempt } from './attempt.entity.js';
import { GatewayProcess } from './gateway-process.entity.js';
import { LedgerEntry } from './ledger-entry.entity.js';
import { RequestRow } from './request.entity.js';
import { SettleProcessor } from './settle.processor.js';
import { SettlementRepository } from './settlement.repository.js';
import { SweepProcessor } from './sweep.processor.js';
import { SweepSchedule } from './sweep.schedule.js';
import { SweepService } from './sweep.service.js';

/** The worker's part: writes what gateways hand over, and settles the calls of those that died. */
@Module({
  imports: [
    TypeOrmModule.forFeature([GatewayProcess, RequestRow, Attempt, LedgerEntry]),
    QueueModule.forFeature([QUEUES.maintenance]),
  ],
  providers: [SettlementRepository, SettleProcessor, SweepService, SweepProcessor, SweepSchedule],
})
export class AccountingWorkerModule {}
