import { migrations } from '../migrations/index.js';
import type { Config } from './platform/config/index.js';
import { runMigrations } from './platform/database/index.js';
import { openDatabase } from './platform/embedded-postgres/index.js';
import { prepareQueues } from './platform/queue/index.js';

/** Brings the database at `databaseUrl` up to what this build needs: our tables, and those of the queues. */
export async function migrateDatabase(config: Config, databaseUrl: string, log: (line: string) => void): Promise<void> {
  const ran = await runMigrations(databaseUrl, migrations);
  for (const name of ran) log(`Migration ${name} applied.`);
  if (ran.length === 0) log('The schema is up to date.');
  await prepareQueues(config, databaseUrl);
}

/** The same for the database of the configuration, which is opened for it; beside a running server, the server's. */
export async function migrate(config: Config, log: (line: string) => void): Promise<void> {
  const database = await openDatabase(config, { attach: true });
  try {
    await migrateDatabase(config, database.url, log);
  } finally {
    await database.stop();
  }
}
