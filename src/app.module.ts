import { Module, type DynamicModule } from '@nestjs/common';
import { migrations } from '../migrations/index.js';
import { AccountingWorkerModule } from './accounting/index.js';
import { CompatModule } from './compat/index.js';
import { HealthModule } from './health/index.js';
import { OperatorModule } from './operator/index.js';
import { ConfigModule, type Config } from './platform/config/index.js';
import { CryptoModule } from './platform/crypto/index.js';
import { DatabaseModule } from './platform/database/index.js';
import { QueueModule } from './platform/queue/index.js';
import { SharedStateModule } from './platform/shared-state/index.js';
import { loggerModule } from './platform/telemetry/index.js';
import { UpstreamWorkerModule } from './upstream/index.js';

export type Role = 'all' | 'gateway' | 'worker';

const doors = { gateway: [CompatModule, OperatorModule], worker: [AccountingWorkerModule, UpstreamWorkerModule] };

/** What each role imports, nothing else. */
@Module({})
export class AppModule {
  static forRoot(config: Config, databaseUrl: string, role: Role): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ...stores(config, databaseUrl),
        HealthModule.forRoot(migrations),
        ...(role === 'worker' ? [] : doors.gateway),
        ...(role === 'gateway' ? [] : doors.worker),
      ],
    };
  }

  /** Services without a door: for commands. */
  static forCommands(config: Config, databaseUrl: string): DynamicModule {
    return { module: AppModule, imports: [...stores(config, databaseUrl), OperatorModule] };
  }
}

const stores = (config: Config, databaseUrl: string): DynamicModule[] => [
  ConfigModule.forRoot(config),
  loggerModule(config),
  DatabaseModule.forRoot(databaseUrl, { poolSize: config.DATABASE_POOL_SIZE }),
  SharedStateModule.forRoot(config),
  CryptoModule.forRoot(config),
  QueueModule.forRoot(config, databaseUrl),
];
