import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RequestLogModule } from '../accounting/index.js';
import { UpstreamModule } from '../upstream/index.js';
import { AccountDrifts } from './account-drift.service.js';
import { AccountReconciliation } from './account-reconciliation.entity.js';
import { AccountReconciliationPoint } from './account-reconciliation-point.entity.js';
import { ReconciliationRepository } from './reconciliation.repository.js';
import { ReconciliationService } from './reconciliation.service.js';

/** What providers counted, beside what we did. */
@Module({
  imports: [
    TypeOrmModule.forFeature([AccountReconciliation, AccountReconciliationPoint]),
    RequestLogModule,
    UpstreamModule,
  ],
  providers: [ReconciliationRepository, ReconciliationService, AccountDrifts],
  exports: [ReconciliationService, AccountDrifts],
})
export class ReconciliationModule {}
