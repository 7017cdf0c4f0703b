import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

interface DatabaseOptions {
  /** Upper bound of this process's connections. */
  readonly poolSize: number;
}

/** Longer than any statement of ours should take; a runaway must not hold its locks and its connection for ever. */
const STATEMENT_MS = 30_000;
const IDLE_IN_TRANSACTION_MS = 30_000;
const CONNECT_MS = 5_000;

/** The one connection pool. Tables are declared by the modules that own them, through `TypeOrmModule.forFeature`. */
@Module({})
export class DatabaseModule {
  static forRoot(url: string, { poolSize }: DatabaseOptions): DynamicModule {
    const pool = TypeOrmModule.forRoot({
      type: 'postgres',
      url,
      poolSize,
      applicationName: 'codex-pooler',
      // Also how long a caller waits for a free connection of the pool.
      connectTimeoutMS: CONNECT_MS,
      autoLoadEntities: true,
      synchronize: false,
      migrationsRun: false,
      installExtensions: false,
      retryAttempts: 5,
      retryDelay: 1_000,
      extra: {
        keepAlive: true,
        statement_timeout: STATEMENT_MS,
        idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      },
    });
    return { module: DatabaseModule, imports: [pool], exports: [TypeOrmModule] };
  }
}
