import { Module, type DynamicModule } from '@nestjs/common';
import type { DestinationStream } from 'pino';
import { migrations } from '../migrations/index.js';
import { AccountingWorkerModule, LimitsWorkerModule } from './accounting/index.js';
import { AuditWorkerModule } from './audit/index.js';
import { AuthModule, UsageLimitService } from './auth/index.js';
import { CompatModule, RelayModule } from './compat/index.js';
import { ControlWorkerModule } from './control/index.js';
import { FilesModule } from './files/index.js';
import { HealthModule, InstallationMetricsModule } from './health/index.js';
import { IncidentsWorkerModule } from './incidents/index.js';
import { McpModule } from './mcp/index.js';
import { OperatorModule } from './operator/index.js';
import { ConfigModule, type Config } from './platform/config/index.js';
import { CryptoModule } from './platform/crypto/index.js';
import { DatabaseModule, SchemaModule } from './platform/database/index.js';
import { QueueModule } from './platform/queue/index.js';
import { SharedStateModule } from './platform/shared-state/index.js';
import { loggerModule } from './platform/telemetry/index.js';
import { ReconciliationWorkerModule } from './reconciliation/index.js';
import { StoredWorkerModule } from './stored/index.js';
import { UpstreamWorkerModule } from './upstream/index.js';

export type Role = 'all' | 'gateway' | 'worker';

interface AppOptions {
  readonly databaseUrl: string;
  readonly role: Role;
  readonly log: DestinationStream | undefined;
}

const doors = {
  gateway: [CompatModule, FilesModule, McpModule, OperatorModule],
  worker: [
    AccountingWorkerModule,
    AuditWorkerModule,
    ControlWorkerModule,
    LimitsWorkerModule.reading(UsageLimitService, [AuthModule]),
    IncidentsWorkerModule,
    InstallationMetricsModule,
    ReconciliationWorkerModule,
    StoredWorkerModule,
    UpstreamWorkerModule,
  ],
};

/** What each role imports, nothing else. */
@Module({})
export class AppModule {
  static forRoot(config: Config, { databaseUrl, role, log }: AppOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ...stores(config, databaseUrl, log),
        HealthModule.forRoot(migrations, { local: config.MODE === 'local' }),
        ...(role === 'worker' ? [] : doors.gateway),
        ...(config.RELAY_UNKNOWN_V1 ? [RelayModule] : []),
        ...(role === 'gateway' ? [] : doors.worker),
      ],
    };
  }

  /** Services without a door: for commands. Those talk to a person: only what is broken is worth a log line. */
  static forCommands(config: Config, databaseUrl: string, log?: DestinationStream): DynamicModule {
    return { module: AppModule, imports: [...stores(config, databaseUrl, log, 'error'), OperatorModule] };
  }
}

const stores = (
  config: Config,
  databaseUrl: string,
  log?: DestinationStream,
  level = config.LOG_LEVEL,
): DynamicModule[] => [
  ConfigModule.forRoot(config),
  loggerModule({ ...config, LOG_LEVEL: level }, log),
  DatabaseModule.forRoot(databaseUrl, { poolSize: config.DATABASE_POOL_SIZE }),
  SchemaModule.forRoot(migrations),
  SharedStateModule.forRoot(config),
  CryptoModule.forRoot(config),
  QueueModule.forRoot(config, databaseUrl),
];
