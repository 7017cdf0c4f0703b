import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PricesModule, RequestLogModule } from '../accounting/index.js';
import { AuditModule } from '../audit/index.js';
import { AuthModule, IngressModule } from '../auth/index.js';
import { IncidentsModule } from '../incidents/index.js';
import { JobsModule } from '../platform/queue/index.js';
import { ReconciliationModule } from '../reconciliation/index.js';
import { RoutingModule } from '../routing/index.js';
import { LoginModule, UpstreamModule } from '../upstream/index.js';
import { ChangeLock } from './change-lock.entity.js';
import { ChangeLocks } from './change-locks.service.js';
import { ControlService } from './control.service.js';
import { ExplainService } from './explain/explain.service.js';
import { HealthLook } from './health-look.service.js';
import { IdempotencyKey } from './idempotency-key.entity.js';
import { LedgerFilters } from './ledger-filters.service.js';
import type { OperationSet } from './operation.js';
import { OPERATION_SETS, OperationRegistry } from './operation-registry.service.js';
import { AccountLoginOperations } from './operations/account-login-operations.service.js';
import { AccountOperations } from './operations/account-operations.service.js';
import { AccountPlaceOperations } from './operations/account-place-operations.service.js';
import { AccountReach } from './operations/account-reach.service.js';
import { AuditOperations } from './operations/audit-operations.service.js';
import { ExplainOperations } from './operations/explain-operations.service.js';
import { HealthOperations } from './operations/health-operations.service.js';
import { IncidentOperations } from './operations/incident-operations.service.js';
import { IncidentRuleOperations } from './operations/incident-rule-operations.service.js';
import { IngressOperations } from './operations/ingress-operations.service.js';
import { JobOperations } from './operations/job-operations.service.js';
import { KeyOperations } from './operations/key-operations.service.js';
import { LimitOperations } from './operations/limit-operations.service.js';
import { LimitViews } from './operations/limit-views.service.js';
import { LoginOperations } from './operations/login-operations.service.js';
import { NamedThings } from './operations/named-things.service.js';
import { PoolOperations } from './operations/pool-operations.service.js';
import { PriceListOperations } from './operations/price-list-operations.service.js';
import { PriceOperations } from './operations/price-operations.service.js';
import { QuotaOperations } from './operations/quota-operations.service.js';
import { RequestOperations } from './operations/request-operations.service.js';
import { SessionOperations } from './operations/session-operations.service.js';
import { SettingOperations } from './operations/setting-operations.service.js';
import { StreamOperations } from './operations/stream-operations.service.js';
import { TokenOperations } from './operations/token-operations.service.js';
import { UsageOperations } from './operations/usage-operations.service.js';
import { WebhookOperations } from './operations/webhook-operations.service.js';
import { ReplayedAnswers } from './replayed-answers.service.js';

/** One line for each kind of thing. */
const SETS = [
  AccountLoginOperations,
  AccountOperations,
  AccountPlaceOperations,
  AuditOperations,
  ExplainOperations,
  HealthOperations,
  IncidentOperations,
  IncidentRuleOperations,
  IngressOperations,
  JobOperations,
  KeyOperations,
  LimitOperations,
  LoginOperations,
  PoolOperations,
  PriceListOperations,
  PriceOperations,
  QuotaOperations,
  RequestOperations,
  SessionOperations,
  SettingOperations,
  StreamOperations,
  TokenOperations,
  UsageOperations,
  WebhookOperations,
];

/** Everything that operators can do or see. */
@Module({
  imports: [
    AuditModule,
    AuthModule,
    IncidentsModule,
    IngressModule,
    JobsModule,
    LoginModule,
    PricesModule,
    ReconciliationModule,
    RequestLogModule,
    RoutingModule,
    TypeOrmModule.forFeature([ChangeLock, IdempotencyKey]),
    UpstreamModule,
  ],
  providers: [
    ...SETS,
    { provide: OPERATION_SETS, inject: SETS, useFactory: (...sets: OperationSet[]) => sets },
    AccountReach,
    ChangeLocks,
    ControlService,
    ExplainService,
    HealthLook,
    LedgerFilters,
    LimitViews,
    NamedThings,
    OperationRegistry,
    ReplayedAnswers,
  ],
  exports: [ControlService, OperationRegistry],
})
export class ControlModule {}
