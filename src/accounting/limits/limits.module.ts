import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MaintenanceModule, maintenanceJobs } from '../../platform/queue/index.js';
import { BudgetWarnings } from './budget-warnings.service.js';
import { LimitEpoch } from './limit-epoch.entity.js';
import { LimitEpochRepository } from './limit-epoch.repository.js';
import { LimitRebuildJob } from './limit-rebuild-job.service.js';
import { LimitRebuildService } from './limit-rebuild.service.js';
import { LimitSource } from './limit-source.js';
import { LimitStatusService } from './limit-status.service.js';
import { LimitStore } from './limit-store.service.js';
import { LimitTruthRepository } from './limit-truth.repository.js';
import { OpenReservations } from './open-reservations.service.js';
import { PostgresCounters } from './postgres-counters.service.js';
import { ReservationHolder } from './reservation-holder.service.js';

/** How much of limits is used, for those who only want to see it. */
@Module({ providers: [LimitTruthRepository, LimitStatusService], exports: [LimitTruthRepository, LimitStatusService] })
export class LimitStatusModule {}

/** The counters of limits. */
@Module({
  imports: [TypeOrmModule.forFeature([LimitEpoch]), LimitStatusModule],
  providers: [
    LimitEpochRepository,
    OpenReservations,
    PostgresCounters,
    LimitStore,
    ReservationHolder,
    BudgetWarnings,
    LimitRebuildService,
  ],
  exports: [LimitStatusModule, LimitRebuildService, ReservationHolder, BudgetWarnings, LimitStore],
})
export class LimitsModule {}

/** The worker's part: rebuilds the counters of all limits that there are. */
@Module({})
export class LimitsWorkerModule {
  /** @param source whoever knows the limits, exported by one of `imports` */
  static reading(source: Type<LimitSource>, imports: readonly Type[]): DynamicModule {
    return {
      module: LimitsWorkerModule,
      imports: [...imports, MaintenanceModule, LimitsModule],
      providers: [{ provide: LimitSource, useExisting: source }, ...maintenanceJobs(LimitRebuildJob)],
    };
  }
}
