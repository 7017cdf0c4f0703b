export { withAdvisoryLock } from './advisory-lock.js';
export { DatabaseModule } from './database.module.js';
export type { Migration } from './migration.js';
export { runMigrations } from './run-migrations.js';
export { Schema, SchemaModule } from './schema.module.js';
export { schemaState } from './schema-state.js';
export { claimSoleProcess } from './sole-process.js';
export { within } from './within.js';
