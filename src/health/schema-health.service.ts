import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import { schemaState, type Migration } from '../platform/database/index.js';

/** Injection token of the migrations that this build needs to find in the database. */
export const MIGRATIONS = Symbol('MIGRATIONS');

/** Whether the database has every migration of this build. Migrations only go forward, so a yes is asked for once. */
@Injectable()
export class SchemaHealth {
  private current = false;

  constructor(
    private readonly indicator: HealthIndicatorService,
    private readonly dataSource: DataSource,
    @Inject(MIGRATIONS) private readonly migrations: readonly Migration[],
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    this.current ||= (await schemaState(this.dataSource, this.migrations)).current;
    const schema = this.indicator.check('schema');
    return this.current ? schema.up() : schema.down();
  }
}
