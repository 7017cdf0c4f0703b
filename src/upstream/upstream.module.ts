import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { UpstreamKind } from '../core/index.js';
import { QUEUES, QueueModule } from '../platform/queue/index.js';
import { AccountCallers } from './account-callers.service.js';
import { AccountChanges } from './account-changes.service.js';
import { AccountHealth } from './account-health.service.js';
import { AccountLogins } from './account-logins.service.js';
import { AccountModel } from './account-model.entity.js';
import { AccountPoolService } from './account-pool.service.js';
import { AccountQuotaWindow } from './account-quota-window.entity.js';
import { AccountRows } from './account-rows.service.js';
import { AccountService } from './account.service.js';
import { CatalogRefresh } from './catalog-refresh.service.js';
import { CatalogService } from './catalog.service.js';
import { CredentialService } from './credential.service.js';
import { KINDS, UpstreamKinds } from './kinds.js';
import { ListedFiles } from './listed-files.service.js';
import { PoolAccount } from './pool-account.entity.js';
import { QuotaEvidence } from './quota/quota-evidence.service.js';
import { TokenRefresh } from './token-refresh.service.js';
import { UploadedFile } from './uploaded-file.entity.js';
import { UploadedFiles } from './uploaded-files.service.js';
import { UpstreamAccount } from './upstream-account.entity.js';
import { UsageProbe } from './quota/usage-probe.service.js';

/** The upstream account pool, and how to talk to each kind of upstream. */
@Module({
  imports: [
    TypeOrmModule.forFeature([UpstreamAccount, PoolAccount, AccountModel, AccountQuotaWindow, UploadedFile]),
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
    AccountHealth,
    QuotaEvidence,
    TokenRefresh,
    CredentialService,
    AccountPoolService,
    CatalogService,
    CatalogRefresh,
    AccountLogins,
    AccountService,
    AccountCallers,
    UsageProbe,
    UploadedFiles,
    ListedFiles,
  ],
  exports: [
    AccountCallers,
    UsageProbe,
    AccountPoolService,
    AccountService,
    CatalogService,
    CatalogRefresh,
    CredentialService,
    UploadedFiles,
    ListedFiles,
  ],
})
export class UpstreamModule {}
