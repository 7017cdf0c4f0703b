export { openEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './launcher.js';
export { openDatabase, type OpenDatabase } from './open-database.js';
