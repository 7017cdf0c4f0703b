import { useDatabase } from '../test/support/database.js';
import { migrations } from '../migrations/index.js';
import { loadConfig } from './platform/config/index.js';
import { schemaState } from './platform/database/index.js';
import { migrate } from './migrate.js';

// Many statements: a busy machine takes its time.
jest.setTimeout(60_000);

describe('migrating', () => {
  const database = useDatabase([], { empty: true });

  it('makes our tables and those of the queues, and names each migration once', async () => {
    const config = loadConfig({ DATABASE_URL: database.url() });
    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    await migrate(config, log);
    await migrate(config, log);
    const named = migrations.map((migration) => `Migration ${migration.name} applied.`);
    expect(lines).toEqual([...named, 'The schema is up to date.']);
    expect(await schemaState(database.dataSource(), migrations)).toMatchObject({ current: true });
    expect(await database.dataSource().query("SELECT to_regnamespace('bullmq')::text AS queues")).toEqual([
      { queues: 'bullmq' },
    ]);
  });
});
