import { Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import type { Migration } from '../platform/database/index.js';
import { HttpModule } from '../platform/http/index.js';
import { HealthController } from './health.controller.js';
import { MIGRATIONS, SchemaHealth } from './schema-health.service.js';

/** Liveness and readiness, for every role. */
@Module({})
export class HealthModule {
  static forRoot(migrations: readonly Migration[]): DynamicModule {
    return {
      module: HealthModule,
      // A probe that fails each second while a database restarts is not worth a line each.
      imports: [TerminusModule.forRoot({ logger: false }), HttpModule],
      controllers: [HealthController],
      providers: [SchemaHealth, { provide: MIGRATIONS, useValue: migrations }],
    };
  }
}
