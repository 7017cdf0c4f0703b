import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { UpstreamKind } from '../core/index.js';
import { QUEUES, QueueModule } from '../platform/queue/index.js';
import { AccountActor } from './account-actor.service.js';
import { AccountCallers } from './account-callers.service.js';
import { AccountChanges } from './account-changes.service.js';
import { AccountModel } from './account-model.entity.js';
import { AccountOwners } from './account-owners.service.js';
import { AccountPoolService } from './account-pool.service.js';
import { AccountQuotaWindow } from './quota/account-quota-window.entity.js';
import { AccountRows } from './account-rows.service.js';
import { AccountService } from './account.service.js';
import { AccountSnapshots } from './account-snapshots.service.js';
import { AccountStates } from './account-states.service.js';
import { CatalogRefresh } from './catalog-refresh.service.js';
import { CatalogService } from './catalog.service.js';
import { AccountAssignments } from './lifecycle/account-assignments.service.js';
import { AccountLifecycle } from './lifecycle/account-lifecycle.service.js';
import { AccountLogins } from './lifecycle/account-logins.service.js';
import { CredentialService } from './credential.service.js';
import { DueTokens } from './credentials/due-tokens.service.js';
import { RefreshClaims } from './credentials/refresh-claims.service.js';
import { TokenRefresh } from './credentials/token-refresh.service.js';
import { AccountHealth } from './health/account-health.service.js';
import { AccountLane } from './health/account-lane.entity.js';
import { Circuits } from './health/circuits.service.js';
import { Cooldowns } from './health/cooldowns.service.js';
import { LaneStore } from './health/lane-store.service.js';
import { Pulses } from './health/pulses.service.js';
import { KINDS, UpstreamKinds } from './kinds.js';
import { ListedFiles } from './listed-files.service.js';
import { PoolAccount } from './pool-account.entity.js';
import { AccountMeterRow } from './quota/account-meter.entity.js';
import { AccountProbe } from './quota/account-probe.entity.js';
import { AccountProbes } from './quota/account-probes.service.js';
import { AccountWindows } from './quota/account-windows.service.js';
import { QuotaEvidence } from './quota/quota-evidence.service.js';
import { UsageOutage } from './quota/usage-outage.entity.js';
import { UploadedFile } from './uploaded-file.entity.js';
import { UploadedFiles } from './uploaded-files.service.js';
import { UpstreamAccount } from './upstream-account.entity.js';
import { UsageProbe } from './quota/usage-probe.service.js';

/** The upstream account pool, and how to talk to each kind of upstream. */
@Module({
  imports: [
    TypeOrmModule.forFeature([
      UpstreamAccount,
      PoolAccount,
      AccountModel,
      AccountQuotaWindow,
      AccountMeterRow,
      AccountProbe,
      UsageOutage,
      AccountLane,
      UploadedFile,
    ]),
    QueueModule.forFeature([QUEUES.tokenRefresh]),
    ...KINDS.map(({ module }) => module),
  ],
  providers: [
    {
      provide: UpstreamKinds,
      inject: KINDS.map(({ kind }) => kind),
      useFactory: (...kinds: UpstreamKind[]) => new UpstreamKinds(kinds),
    },
    AccountChanges,
    AccountRows,
    LaneStore,
    Circuits,
    Cooldowns,
    Pulses,
    AccountHealth,
    AccountSnapshots,
    QuotaEvidence,
    RefreshClaims,
    TokenRefresh,
    CredentialService,
    DueTokens,
    AccountActor,
    AccountPoolService,
    CatalogService,
    CatalogRefresh,
    AccountLogins,
    AccountLifecycle,
    AccountAssignments,
    AccountService,
    AccountCallers,
    AccountOwners,
    AccountProbes,
    AccountStates,
    AccountWindows,
    UsageProbe,
    UploadedFiles,
    ListedFiles,
  ],
  exports: [
    UpstreamKinds,
    AccountCallers,
    AccountLifecycle,
    AccountAssignments,
    AccountOwners,
    AccountProbes,
    AccountStates,
    AccountWindows,
    UsageProbe,
    AccountPoolService,
    AccountService,
    CatalogService,
    CatalogRefresh,
    CredentialService,
    DueTokens,
    UploadedFiles,
    ListedFiles,
  ],
})
export class UpstreamModule {}
