import { Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AuthModule } from '../auth/index.js';
import type { Migration } from '../platform/database/index.js';
import { HttpModule } from '../platform/http/index.js';
import { UpstreamModule } from '../upstream/index.js';
import { HealthController } from './health.controller.js';
import { LocalHealthController } from './local-health.controller.js';
import { RedisHealth } from './redis-health.service.js';
import { MIGRATIONS, SchemaHealth } from './schema-health.service.js';

/** Liveness and readiness, for every role; in local mode also what its user wants to know. */
@Module({})
export class HealthModule {
  static forRoot(migrations: readonly Migration[], { local }: { readonly local: boolean }): DynamicModule {
    return {
      module: HealthModule,
      // A probe that fails each second while a database restarts is not worth a line each.
      imports: [TerminusModule.forRoot({ logger: false }), HttpModule, ...(local ? [AuthModule, UpstreamModule] : [])],
      controllers: [HealthController, ...(local ? [LocalHealthController] : [])],
      providers: [RedisHealth, SchemaHealth, { provide: MIGRATIONS, useValue: migrations }],
    };
  }
}
