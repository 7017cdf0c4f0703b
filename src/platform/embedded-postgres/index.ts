export { openEmbeddedPostgres } from './launcher.js';
export { openDatabase } from './open-database.js';
