import type { DataSource } from 'typeorm';
import { MIGRATION_TABLE, type Migration } from './migration.js';

export interface SchemaState {
  /** Everything that this build needs is there. */
  readonly current: boolean;
  /** Migrations of this build that have not run here, oldest first. */
  readonly missing: string[];
  /** How many ran here that this build does not know: more than 0 while a newer release rolls out. */
  readonly unknown: number;
}

/** Compares the database with the migrations of this build. A newer database is current: old code runs on it. */
export async function schemaState(dataSource: DataSource, migrations: readonly Migration[]): Promise<SchemaState> {
  const wanted = migrations.map((migration) => migration.name);
  const done = await migrationsDone(dataSource);
  const missing = wanted.filter((name) => !done.has(name));
  const unknown = [...done].filter((name) => !wanted.includes(name)).length;
  return { current: missing.length === 0, missing, unknown };
}

async function migrationsDone(dataSource: DataSource): Promise<ReadonlySet<string>> {
  const [table] = await dataSource.query<{ found: boolean }[]>('SELECT to_regclass($1) IS NOT NULL AS found', [
    MIGRATION_TABLE,
  ]);
  if (table?.found !== true) return new Set();
  const rows = await dataSource.query<{ name: string }[]>(`SELECT name FROM ${MIGRATION_TABLE}`);
  return new Set(rows.map((row) => row.name));
}
