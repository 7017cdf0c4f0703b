import { AbstractLogger, DataSource } from 'typeorm';
import { withAdvisoryLock } from './advisory-lock.js';
import { MIGRATION_TABLE, type Migration } from './migration.js';

/** TypeORM prints each failure to the console, in a form of its own; the caller has it as an exception. */
class Silence extends AbstractLogger {
  protected writeLog(): void {}
}

/**
 * Brings the database up to date: each pending migration in its own transaction, oldest first. Processes that do this
 * at the same time take turns.
 *
 * @returns the names of those that ran, [] when there was nothing to do
 * @throws what the first failing migration throws; those before it stay done
 */
export async function runMigrations(url: string, migrations: readonly Migration[]): Promise<string[]> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    applicationName: 'codex-pooler migrate',
    poolSize: 2,
    migrations: [...migrations],
    migrationsTableName: MIGRATION_TABLE,
    migrationsTransactionMode: 'each',
    installExtensions: false,
    logger: new Silence(),
  });
  return withAdvisoryLock(url, 'codex-pooler migrate', async () => {
    await dataSource.initialize();
    try {
      const ran = await dataSource.runMigrations();
      return ran.map((migration) => migration.name);
    } finally {
      await dataSource.destroy();
    }
  });
}
