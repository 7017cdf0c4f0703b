import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { findBinaries } from '../../src/platform/embedded-postgres/binaries.js';
import { chooseIdentity } from '../../src/platform/embedded-postgres/identity.js';
import { openEmbeddedPostgres } from '../../src/platform/embedded-postgres/index.js';
import { startServer, type ServerProcess } from '../../src/platform/embedded-postgres/server-process.js';
import type { TestDatabase } from './database.js';
import { eventually } from './eventually.js';
import { forTheBlock } from './for-the-block.js';
import { alive, postgresFamily } from './postgres-family.js';
import { freePort } from './redis.js';

const START_MS = 30_000;
/** What is committed outlives the server; nothing has to outlive the machine. */
const SETTINGS = { fsync: 'off', full_page_writes: 'off', max_connections: '120' };

export interface OwnPostgres extends TestDatabase {
  /** It ends, with all connections. */
  stop(): Promise<void>;
  /** On the same port, with all that was committed. */
  start(): Promise<void>;
  /** SIGSTOP: connections stay open, new ones are made, and nothing is answered. */
  pause(): void;
  resume(): void;
}

/** A PostgreSQL server of its own for the test file that calls this, with one empty database. */
export function useOwnPostgres(): OwnPostgres {
  let folder = '';
  let port = 0;
  let url = '';
  let server: ServerProcess | undefined;
  let dataSource: DataSource | undefined;
  const dataDir = (): string => join(folder, 'postgres');
  const signal = (name: 'SIGSTOP' | 'SIGCONT'): void => {
    for (const pid of postgresFamily(dataDir()).filter(alive)) process.kill(pid, name);
  };

  const start = async (): Promise<void> => {
    server = await startAt(dataDir(), port);
    await eventually(() => probe(url), { withinMs: START_MS });
  };
  const stop = async (): Promise<void> => {
    await server?.stop();
    server = undefined;
  };

  forTheBlock(
    async () => {
      folder = mkdtempSync(join(tmpdir(), 'codex-pooler-postgres-'));
      // Started by root, PostgreSQL runs as somebody else, who has to get through here.
      chmodSync(folder, 0o755);
      const made = await openEmbeddedPostgres({ dataDir: dataDir(), settings: SETTINGS });
      await made.stop();
      port = await freePort();
      url = made.url.replace(/:\d+\//, `:${port}/`);
      await start();
      dataSource = await new DataSource({ type: 'postgres', url, poolSize: 4, installExtensions: false }).initialize();
    },
    async () => {
      signal('SIGCONT');
      await dataSource?.destroy().catch(() => undefined);
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  );

  return {
    url: () => url,
    dataSource: () => made(dataSource),
    stop,
    start,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
  };
}

function made<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The database is there inside tests and hooks only.');
  return value;
}

function startAt(dataDir: string, port: number): Promise<ServerProcess> {
  const path = process.env['PATH'] ?? '';
  const binaries = findBinaries(process.env['PG_BIN_DIR'], path);
  const identity = chooseIdentity(join(binaries.dir, 'postgres'), dataDir);
  return startServer(dataDir, binaries, identity, { ...SETTINGS, port: String(port) }, path);
}

async function probe(url: string): Promise<void> {
  const source = await new DataSource({ type: 'postgres', url, poolSize: 1, installExtensions: false }).initialize();
  await source.destroy();
}
