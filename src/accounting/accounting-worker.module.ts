import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MaintenanceModule, maintenanceJobs } from '../platform/queue/index.js';
import { OldRowsRepository, PartitionsRepository } from '../platform/partitions/index.js';
import { LEDGER_ENTITIES } from './ledger-entities.js';
import { PartitionMaintenance } from './partitions/partition-maintenance.service.js';
import { RetentionJob } from './partitions/retention-job.service.js';
import { PriceJob } from './prices/price-job.service.js';
import { PricesModule } from './prices/prices.module.js';
import { RequestLogModule } from './request-log.module.js';
import { RollUpJob } from './rollups/roll-up-job.service.js';
import { RollupVerificationJob } from './rollups/rollup-verification-job.service.js';
import { RollupService } from './rollups/rollup.service.js';
import { SettleProcessor } from './settle.processor.js';
import { SettlementBacklog } from './settlement-backlog.service.js';
import { SettlementRepository } from './settlement.repository.js';
import { SweepJob } from './sweep-job.service.js';
import { SweepService } from './sweep.service.js';

/** The worker's part: writes what gateways hand over, and settles the calls of those that died. */
@Module({
  imports: [TypeOrmModule.forFeature([...LEDGER_ENTITIES]), MaintenanceModule, PricesModule, RequestLogModule],
  providers: [
    SettlementRepository,
    SettleProcessor,
    SettlementBacklog,
    SweepService,
    RollupService,
    PartitionsRepository,
    OldRowsRepository,
    PartitionMaintenance,
    ...maintenanceJobs(PriceJob, RetentionJob, SweepJob, RollUpJob, RollupVerificationJob),
  ],
})
export class AccountingWorkerModule {}
