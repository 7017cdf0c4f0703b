import { Inject, Injectable, Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Migration } from './migration.js';
import { schemaState, type SchemaState } from './schema-state.js';

const MIGRATIONS = Symbol('migrations of this build');

/** How the database's schema and this build's go together. */
@Injectable()
export class Schema {
  constructor(
    private readonly database: DataSource,
    @Inject(MIGRATIONS) private readonly migrations: readonly Migration[],
  ) {}

  /** The newest migration of this build. */
  get version(): string {
    return this.migrations.at(-1)?.name ?? '';
  }

  state(): Promise<SchemaState> {
    return schemaState(this.database, this.migrations);
  }
}

/** For everybody: what this build expects of the database. */
@Module({})
export class SchemaModule {
  static forRoot(migrations: readonly Migration[]): DynamicModule {
    return {
      module: SchemaModule,
      global: true,
      providers: [Schema, { provide: MIGRATIONS, useValue: migrations }],
      exports: [Schema],
    };
  }
}
