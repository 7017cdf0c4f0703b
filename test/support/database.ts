import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { forTheBlock } from './for-the-block.js';

export type EntityClass = new () => object;

export interface TestDatabase {
  url(): string;
  /** Connected, with the entities that were given. */
  dataSource(): DataSource;
}

interface DatabaseOptions {
  /** Without migrations: for the tests that run them. */
  readonly empty?: boolean;
}

const POOL_SIZE = 10;

/** A database of its own for the test file that calls this, cloned from the migrated template and dropped at the end. */
export function useDatabase(
  entities: readonly EntityClass[] = [],
  { empty = false }: DatabaseOptions = {},
): TestDatabase {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const url = () => serverUrl().replace(/[^/]*$/, name);
  let dataSource: DataSource | undefined;

  const start = async (): Promise<void> => {
    const template = empty ? 'template0' : migratedTemplate();
    await administer(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
    dataSource = await new DataSource({
      type: 'postgres',
      url: url(),
      entities: [...entities],
      poolSize: POOL_SIZE,
      installExtensions: false,
    }).initialize();
  };
  const stop = async (): Promise<void> => {
    await dataSource?.destroy();
    await administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  };
  forTheBlock(start, stop);

  return {
    url,
    dataSource: () => {
      if (dataSource === undefined) throw new Error('The database is there inside tests and hooks only.');
      return dataSource;
    },
  };
}

function serverUrl(): string {
  const url = process.env.CODEX_POOLER_TEST_DATABASE_URL;
  if (url === undefined) throw new Error(`No test database: ${process.env.CODEX_POOLER_TEST_DATABASE_ERROR}`);
  return url;
}

function migratedTemplate(): string {
  const template = process.env.CODEX_POOLER_TEST_TEMPLATE;
  if (template === undefined) throw new Error(`Migrations failed: ${process.env.CODEX_POOLER_TEST_DATABASE_ERROR}`);
  return template;
}

async function administer(sql: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
