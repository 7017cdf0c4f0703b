import type { MigrationInterface } from 'typeorm';

/** The class of one migration. Its name ends with the 13 digits of its file name, which order it. */
export type Migration = new () => MigrationInterface;

export const MIGRATION_TABLE = 'schema_migration';
