import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';
import { DataSource, getMetadataArgsStorage } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { runMigrations, schemaState } from '../../src/platform/database/index.js';
import { useDatabase, type EntityClass } from '../support/database.js';

// Many statements: a busy machine takes its time.
jest.setTimeout(60_000);

const load = createRequire(__filename);
const root = resolve(__dirname, '../..');

function exportsOf(file: string): unknown[] {
  return Object.values(load(file) as Record<string, unknown>);
}

/** Every entity class of the sources, wherever it stands: none can be forgotten. */
function entities(): EntityClass[] {
  const files = readdirSync(resolve(root, 'src'), { recursive: true, encoding: 'utf8' });
  const exported = files
    .filter((file) => file.endsWith('.entity.ts'))
    .flatMap((file) => exportsOf(resolve(root, 'src', file)));
  const tables = new Set(getMetadataArgsStorage().tables.map((table) => table.target));
  return exported.filter((value): value is EntityClass => typeof value === 'function' && tables.has(value));
}

async function connected<T>(url: string, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const dataSource = new DataSource({ type: 'postgres', url, entities: entities(), installExtensions: false });
  await dataSource.initialize();
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

/**
 * Columns, constraints and indexes as PostgreSQL itself words them. The schema builder compares checks and the
 * conditions of indexes by their names only. What TypeORM has no word for (NULLS NOT DISTINCT, partitions) is left out.
 */
const CATALOG = `
  WITH ours AS (
    SELECT oid, relname FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
       AND relname <> 'schema_migration')
  SELECT concat_ws(' ', relname, 'column', attname, format_type(atttypid, atttypmod), attnotnull,
                   pg_get_expr(adbin, adrelid)) AS line
    FROM ours JOIN pg_attribute a ON attrelid = ours.oid LEFT JOIN pg_attrdef ON adrelid = ours.oid AND adnum = attnum
   WHERE attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT concat_ws(' ', relname, 'constraint', conname, pg_get_constraintdef(c.oid))
    FROM ours JOIN pg_constraint c ON conrelid = ours.oid WHERE contype <> 'n'
  UNION ALL
  SELECT replace(replace(pg_get_indexdef(indexrelid), ' NULLS NOT DISTINCT', ''), ' ON ONLY ', ' ON ')
    FROM ours JOIN pg_index ON indrelid = ours.oid
  ORDER BY line`;

async function catalog(dataSource: DataSource): Promise<string[]> {
  const rows = await dataSource.query<{ line: string }[]>(CATALOG);
  return rows.map(({ line }) => line);
}

describe('the schema', () => {
  const database = useDatabase([], { empty: true });
  const declared = useDatabase([], { empty: true });

  beforeAll(async () => {
    await runMigrations(database.url(), migrations);
    await connected(declared.url(), (dataSource) => dataSource.synchronize());
  });

  it('leaves the schema builder nothing to change after all migrations', async () => {
    const wanted = await connected(database.url(), (dataSource) => dataSource.driver.createSchemaBuilder().log());
    expect(wanted.upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('is worded by the migrations exactly as by the entities', async () => {
    expect(await catalog(database.dataSource())).toEqual(await catalog(declared.dataSource()));
  });

  it('is current once they have run, and a second run does nothing', async () => {
    expect(await runMigrations(database.url(), migrations)).toEqual([]);
    const state = await schemaState(database.dataSource(), migrations);
    expect(state).toEqual({ current: true, missing: [], unknown: 0 });
  });
});

describe('the migrations folder', () => {
  const files = readdirSync(resolve(root, 'migrations'))
    .filter((file) => file.endsWith('.ts') && !['index.ts'].includes(file) && !file.endsWith('.spec.ts'))
    .sort();

  it('names each file <unix-ms>-<verb-noun>.ts', () => {
    expect(files.filter((file) => !/^\d{13}-[a-z]+(-[a-z0-9]+)+\.ts$/.test(file))).toEqual([]);
    expect(new Set(files.map((file) => file.slice(0, 13))).size).toBe(files.length);
  });

  it('names each class after its file', () => {
    const classes = files.map((file) => exportsOf(resolve(root, 'migrations', file)));
    expect(classes.map((exported) => exported.map((each) => (each as { name: string }).name))).toEqual(
      files.map((file) => [className(basename(file, '.ts'))]),
    );
  });

  it('lists every migration, in the order of the files', () => {
    expect(migrations.map((migration) => migration.name)).toEqual(
      files.map((file) => className(basename(file, '.ts'))),
    );
  });
});

/** `1795219200000-create-pool` → `CreatePool1795219200000`: TypeORM orders migrations by the digits at the end. */
function className(file: string): string {
  const [time = '', ...words] = file.split('-');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('') + time;
}
